import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import pg from 'pg';

/** The migrations' folder, beside server/ in the sources and in the build alike. */
const FOLDER = fileURLToPath(new URL('../../../migrations', import.meta.url));

/** Any number of processes may start at once: one migrates, the others wait for this lock. "dni" in ASCII. */
const LOCK = 0x646e69;

/** Brings the schema up to date. Takes the database's URL, or how to connect; uses one connection of its own. */
export async function migrate(connection: string | pg.ClientConfig): Promise<void> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    await runner({
      dbClient: client,
      dir: FOLDER,
      direction: 'up',
      migrationsTable: 'migrations',
      // Our lock waits; the library's own gives up when another process migrates.
      noLock: true,
      log: () => {},
    });
  } finally {
    await client.end();
  }
}
