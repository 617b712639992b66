import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { migrate } from '../../server/stores/postgres/migrate.js';
import { needed } from './needed.js';

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));

/** One process makes the template, the others wait. "test" in ASCII. */
const LOCK = 0x74657374;

export interface TestDatabase {
  url: string;
  /** Drops it, whoever is still connected. */
  drop: () => Promise<void>;
}

/** A fresh database with all migrations applied, on the server that `npm test` started. */
export async function createDatabase(): Promise<TestDatabase> {
  const server = needed('TEST_DATABASE_URL');
  const name = `dni_test_${process.pid}_${randomBytes(4).toString('hex')}`;
  await onServer(server, async (client) => {
    const template = await ensureTemplate(client, server);
    // Quicker than through the log of what is written, which is how it is done else.
    await client.query(`create database ${name} template ${template} strategy file_copy`);
  });
  return {
    url: urlOf(server, name),
    drop: () =>
      onServer(server, async (client) => {
        await client.query(`drop database if exists ${name} with (force)`);
      }),
  };
}

/** The migrated database that the others are copied from; made at its first use, new when a migration changes. */
async function ensureTemplate(client: pg.Client, server: string): Promise<string> {
  const name = `dni_template_${hashOfMigrations()}`;
  await client.query('select pg_advisory_lock($1)', [LOCK]);
  try {
    // It is marked as a template last: one that is not marked was left half made.
    const { rows } = await client.query('select datistemplate from pg_database where datname = $1', [name]);
    if (!rows[0]?.datistemplate) {
      await client.query(`drop database if exists ${name} with (force)`);
      await client.query(`create database ${name}`);
      await migrate(urlOf(server, name));
      await client.query(`alter database ${name} with is_template true`);
    }
  } finally {
    await client.query('select pg_advisory_unlock($1)', [LOCK]);
  }
  return name;
}

export function hashOfMigrations(): string {
  const hash = createHash('sha256');
  for (const file of readdirSync(MIGRATIONS).sort())
    hash.update(file).update(readFileSync(join(MIGRATIONS, file)));
  return hash.digest('hex').slice(0, 12);
}

function urlOf(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
}

async function onServer(server: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client(server);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
