import pg from 'pg';

// Times as Date, counts and money as numbers: all of ours are far below 2^53.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);
pg.types.setTypeParser(pg.types.builtins.NUMERIC, Number);

export type Pool = pg.Pool;
export type Client = pg.PoolClient;
/** Whatever runs a query: the pool, or one connection inside a transaction. */
export type Queryable = Pick<pg.Pool, 'query'>;

/**
 * For connections that run nothing but statements by key, on tables that grow while their prepared plans stay: a plan
 * made while a table was small would go on reading all of it.
 */
export const BY_KEY = [
  'set plan_cache_mode = force_generic_plan',
  'set enable_seqscan = off',
  'set enable_hashjoin = off',
  'set enable_mergejoin = off',
  'set enable_bitmapscan = off',
].join('; ');

/** For connections that reports are read on: compiling a report's plan takes longer than the report, and so does a sort on disk. */
export const FOR_REPORTS = "set jit = off; set work_mem = '16MB'";

const CONNECT_MS = 3_000;
const STATEMENT_MS = 30_000;

/**
 * Connections to Postgres, each set up by `setUp`, if given. Connecting is given up after 3 s and a statement after
 * 30 s, so that nothing hangs. With a single connection everything waits for its turn on it, which is no sign that the
 * database is away: as long as a statement may take.
 */
export function createPool(options: {
  connection: pg.PoolConfig;
  max: number;
  setUp?: string;
  /** Who asks waits for a connection as long as a statement may take: it is no sign that the database is away. */
  isPatient?: boolean;
  /** Connections stay open however long nobody uses them. */
  keep?: boolean;
  onError: (error: Error) => void;
}): Pool {
  const { setUp } = options;
  const pool = new pg.Pool({
    ...options.connection,
    ...(setUp ? { onConnect: async (client: pg.ClientBase) => void (await client.query(setUp)) } : {}),
    max: options.max,
    // A single connection is kept: the one session behind it would remember the statements that a new one prepares.
    ...(options.max === 1 || options.keep ? { idleTimeoutMillis: 0 } : {}),
    connectionTimeoutMillis: options.max === 1 || options.isPatient ? STATEMENT_MS : CONNECT_MS,
    statement_timeout: STATEMENT_MS,
    application_name: 'dni',
    keepAlive: true,
  });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', options.onError);
  // One that breaks while it is in use fails the query that runs on it. Between two queries of a transaction none does,
  // and again the process would end.
  pool.on('connect', (client) => client.on('error', () => {}));
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
