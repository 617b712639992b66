import { chmod, mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type pg from 'pg';

export interface EmbeddedDatabase {
  /** How `pg` reaches it. One session only: use one connection at a time. */
  connection: pg.ClientConfig;
  close: () => Promise<void>;
}

/**
 * Postgres inside this process: PGlite behind its own socket server, on a Unix socket in a folder that only we may
 * enter. The caller holds the lock on the folder: two processes on one data folder lose rows.
 */
export async function startEmbedded(dataDir: string): Promise<EmbeddedDatabase> {
  const [{ PGlite }, { PGLiteSocketServer }] = await Promise.all([
    import('@electric-sql/pglite'),
    import('@electric-sql/pglite-socket'),
  ]);
  const folder = join(dataDir, 'postgres');
  // Whole: `pg` takes a host for a folder by its first slash.
  const sockets = resolve(dataDir, 'socket');
  await mkdir(sockets, { recursive: true, mode: 0o700 });
  await chmod(sockets, 0o700);
  const database = await PGlite.create({
    dataDir: folder,
    // PGlite switches fsync off by default (-F); what we acknowledge must survive a crash.
    startParams: PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
  });
  const path = join(sockets, '.s.PGSQL.5432');
  // Left behind by a process that was killed; nobody listens on it, since the folder is locked by us.
  await rm(path, { force: true });
  const server = new PGLiteSocketServer({ db: database, path, maxConnections: 4 });
  await server.start();
  return {
    connection: { host: sockets, port: 5432, user: 'postgres', database: 'postgres' },
    close: async () => {
      await server.stop();
      await database.close();
    },
  };
}

/**
 * Sets up a connection: the one session behind it outlives connections, so it may still be in a transaction that the
 * last one left, and remembers the statements that it prepared.
 */
export const AFRESH = 'rollback; deallocate all';

const UPKEEP_MS = 15 * 60_000;

/** The one session is for those who wait, as they do after a start. */
const FIRST_UPKEEP_MS = 60_000;

/**
 * Does what the autovacuum of a real server would: takes up the room of old row versions and counts rows, so that
 * statements are planned for the tables as they are. Once after a minute, then every quarter of an hour.
 */
export function startUpkeep(
  pool: Pick<pg.Pool, 'query'>,
  onError: (error: unknown) => void,
): { stop: () => void } {
  let timer: NodeJS.Timeout;
  const workIn = (ms: number) => {
    timer = setTimeout(() => {
      void pool.query('vacuum (analyze)').catch(onError);
      workIn(UPKEEP_MS);
    }, ms);
  };
  workIn(FIRST_UPKEEP_MS);
  return { stop: () => clearTimeout(timer) };
}
