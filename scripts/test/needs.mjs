import { readFileSync } from 'node:fs';
import { findChromium, findFaketime, findOnPath, findPostgres, findRedis } from './find.mjs';
import { runQuietly } from './processes.mjs';

/** What the tests need from outside npm. A URL in `given` is used instead of a server of our own. */
const NEEDS = [
  {
    name: 'a Postgres server (15 or newer)',
    given: 'TEST_DATABASE_URL',
    find: findPostgres,
    debian: 'postgresql',
    install:
      'install postgresql (Debian, Ubuntu: apt-get install postgresql; macOS: brew install postgresql@17 and put its ' +
      'bin on the PATH), or set TEST_DATABASE_URL to a superuser URL of a server that may be filled with test databases',
  },
  {
    name: 'a Redis server',
    given: 'TEST_REDIS_URL',
    find: findRedis,
    debian: 'redis-server',
    install:
      'install redis-server (Debian, Ubuntu: apt-get install redis-server; macOS: brew install redis), or set ' +
      'TEST_REDIS_URL to a server whose databases 0 to 15 may be flushed',
  },
  {
    name: 'Chromium',
    find: findChromium,
    debian: 'chromium',
    install:
      'install chromium (Debian: apt-get install chromium; elsewhere any Chromium or Chrome), or set CHROMIUM to its path',
  },
];

/** What `npm run faults` needs: servers of its own, whatever URLs are given, and clocks to set. */
export const FAULT_NEEDS = [
  ...NEEDS.filter((need) => need.given).map(({ given, ...need }) => need),
  {
    name: 'libfaketime',
    find: () => findFaketime(),
    debian: 'libfaketime',
    install: 'install libfaketime (Debian, Ubuntu: apt-get install libfaketime)',
  },
];

/** The needs that neither a URL nor a program on this machine meets. */
export const missingNeeds = (env = process.env, needs = NEEDS) =>
  needs.filter((need) => !(need.given && env[need.given]) && need.find(env) === null);

function isDebian() {
  try {
    return /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

/** Whether we may install: root on Debian, and not told otherwise. */
const mayInstall = (env) =>
  env.DNI_TEST_INSTALL !== '0' &&
  process.getuid?.() === 0 &&
  isDebian() &&
  findOnPath(['apt-get'], env) !== null;

async function apt(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { code, output } = await runQuietly('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=300', ...args], {
    env,
  });
  if (code !== 0) console.log(`apt-get ${args.join(' ')} failed:\n${output}`);
}

/** Installs what is missing where that is allowed, saying so; throws naming what is missing still. */
export async function meetNeeds(env = process.env, needs = NEEDS) {
  let missing = missingNeeds(env, needs);
  if (missing.length > 0 && mayInstall(env)) {
    const packages = missing.map((need) => need.debian);
    console.log(`Installing by apt: ${packages.join(', ')} (DNI_TEST_INSTALL=0 forbids it)`);
    await apt(['update']);
    await apt(['install', '-y', '--no-install-recommends', ...packages]);
    missing = missingNeeds(env, needs);
  }
  if (missing.length > 0) {
    throw new Error(
      missing.map((need) => `Missing: ${need.name}. To run the tests ${need.install}.`).join('\n'),
    );
  }
}
