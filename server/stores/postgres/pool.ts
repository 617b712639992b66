import pg from 'pg';

// Times as Date, counts and money as numbers: all of ours are far below 2^53.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);
pg.types.setTypeParser(pg.types.builtins.NUMERIC, Number);

export type Pool = pg.Pool;
export type Client = pg.PoolClient;
/** Whatever runs a query: the pool, or one connection inside a transaction. */
export type Queryable = Pick<pg.Pool, 'query'>;

/** Connections to Postgres. Connecting is given up after 3 s and a statement after 30 s, so that nothing hangs. */
export function createPool(options: {
  connection: pg.PoolConfig;
  max: number;
  onError: (error: Error) => void;
}): Pool {
  const pool = new pg.Pool({
    ...options.connection,
    max: options.max,
    connectionTimeoutMillis: 3_000,
    statement_timeout: 30_000,
    application_name: 'dni',
    keepAlive: true,
  });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', options.onError);
  return pool;
}

/** Runs `work` in one transaction: committed when it resolves, rolled back when it throws. */
export async function inTransaction<T>(pool: Pool, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    try {
      await client.query('rollback');
    } catch (failure) {
      broken = failure as Error;
    }
    throw error;
  } finally {
    client.release(broken);
  }
}
