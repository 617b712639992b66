import { createHash } from 'node:crypto';
import { constants, existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { startEmbedded } from '../../server/stores/postgres/embedded.js';
import { migrate } from '../../server/stores/postgres/migrate.js';
import { hashOfMigrations } from './database.js';
import { needed } from './needed.js';

/** One process makes the template, the others wait. "embd" in ASCII. */
const LOCK = 0x656d6264;

const PACKAGE = fileURLToPath(new URL('../../package.json', import.meta.url));

/** Where the service keeps the embedded database in its data folder. */
const DATABASE = 'postgres';

/**
 * Puts an embedded database into a data folder that has none: migrated and empty, as a first start leaves it. Making
 * one takes ten seconds of CPU, so it is made once and copied.
 */
export async function fillEmbedded(dataDir: string): Promise<void> {
  if (existsSync(join(dataDir, DATABASE))) return;
  const template = await ensureTemplate();
  await cp(join(template, DATABASE), join(dataDir, DATABASE), {
    recursive: true,
    mode: constants.COPYFILE_FICLONE,
  });
}

/** The folder of the template; made at its first use, new when a migration or PGlite changes. */
async function ensureTemplate(): Promise<string> {
  const { optionalDependencies } = JSON.parse(readFileSync(PACKAGE, 'utf8'));
  const made = `${optionalDependencies['@electric-sql/pglite']} ${hashOfMigrations()}`;
  const name = createHash('sha256').update(made).digest('hex').slice(0, 12);
  const path = join(process.env.TEST_FOLDER ?? tmpdir(), `dni-test-embedded-${name}`);
  if (existsSync(path)) return path;
  const client = new pg.Client(needed('TEST_DATABASE_URL'));
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    if (!existsSync(path)) await makeTemplate(path);
  } finally {
    await client.end();
  }
  return path;
}

async function makeTemplate(path: string): Promise<void> {
  // Takes its name last: what has another was left half made.
  const half = `${path}.half`;
  await rm(half, { recursive: true, force: true });
  await mkdir(half);
  const embedded = await startEmbedded(half);
  try {
    await migrate(embedded.connection);
  } finally {
    await embedded.close();
  }
  await rename(half, path);
}
