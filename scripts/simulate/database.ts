import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { AFRESH, startEmbedded } from '../../server/stores/postgres/embedded.js';
import { migrate } from '../../server/stores/postgres/migrate.js';
import { BY_KEY, createPool, type Pool } from '../../server/stores/postgres/pool.js';

const fail = (error: unknown) => {
  throw error;
};

/** What is simulated need not survive a crash. */
const HASTY = 'set synchronous_commit = off';

/** A database of its own for one simulation, made and dropped. */
export async function openDatabase(
  url: string | undefined,
  setUp = `${HASTY}; ${BY_KEY}`,
): Promise<{ pool: Pool; close: () => Promise<void> }> {
  if (url === undefined) {
    const folder = await mkdtemp(join(tmpdir(), 'dni-simulation-'));
    const { connection, close } = await startEmbedded(folder);
    await migrate(connection);
    const pool = createPool({ connection, max: 1, setUp: `${AFRESH}; ${setUp}`, onError: fail });
    return {
      pool,
      async close() {
        await pool.end();
        await close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  }
  const name = `dni_simulation_${randomBytes(6).toString('hex')}`;
  const onServer = async (text: string) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      await client.query(text);
    } finally {
      await client.end();
    }
  };
  await onServer(`create database ${name}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  const connection = { connectionString: own.href };
  await migrate(connection);
  const pool = createPool({ connection, max: 4, setUp, onError: fail });
  return {
    pool,
    async close() {
      await pool.end();
      await onServer(`drop database ${name}`);
    },
  };
}
