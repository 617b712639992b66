import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

const CHROMIUM_NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];
const MAC_CHROMIUM = ['Google Chrome', 'Chromium'].map(
  (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
);
const DEBIAN_POSTGRES = '/usr/lib/postgresql';

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The first of these programs that the PATH has, or null. */
export function findOnPath(names, env = process.env) {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const paths = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return paths.find(isExecutable) ?? null;
}

/** Debian keeps Postgres servers off the PATH, a folder a version. Newest first. */
function postgresFolders(root) {
  try {
    const versions = readdirSync(root).sort((a, b) => Number(b) - Number(a));
    return versions.map((version) => join(root, version, 'bin'));
  } catch {
    return [];
  }
}

/** The folder with initdb and postgres, or null. */
export function findPostgres(env = process.env, root = DEBIAN_POSTGRES) {
  const onPath = findOnPath(['initdb'], env);
  const folders = [...(onPath ? [dirname(onPath)] : []), ...postgresFolders(root)];
  return (
    folders.find((folder) => ['initdb', 'postgres'].every((name) => isExecutable(join(folder, name)))) ?? null
  );
}

/** redis-server (or its free twin Valkey), or null. */
export const findRedis = (env = process.env) => findOnPath(['redis-server', 'valkey-server'], env);

/** libfaketime where Debian puts it, or null. */
export function findFaketime(root = '/usr/lib') {
  const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const paths = folders.map(({ name }) => join(root, name, 'faketime', 'libfaketime.so.1'));
  return paths.find((path) => existsSync(path)) ?? null;
}

/** A Chromium, or null. CHROMIUM names one; what it names must be there. */
export function findChromium(env = process.env) {
  if (env.CHROMIUM) return isExecutable(env.CHROMIUM) ? env.CHROMIUM : null;
  return findOnPath(CHROMIUM_NAMES, env) ?? MAC_CHROMIUM.find(isExecutable) ?? null;
}
