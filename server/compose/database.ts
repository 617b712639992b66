import type { Logger } from 'pino';
import type { Config } from '../config.js';
import { lockDataDir } from '../lib/data-dir.js';
import { AFRESH, startEmbedded } from '../stores/postgres/embedded.js';
import { BY_KEY, createPool, FOR_REPORTS, type Pool } from '../stores/postgres/pool.js';
import { alwaysThere, type Presence, watchPostgres } from '../stores/postgres/presence.js';
import type { Undo } from './undo.js';

const CONNECTIONS = 6;
/** For visits and leases, whose statements are by key. */
const HOT_CONNECTIONS = 6;
/** For reports and counts, which may be slow: nothing else waits for them. */
const REPORT_CONNECTIONS = 3;
/** For calls, which wait for nobody else. */
const CALL_CONNECTIONS = 4;

export interface Database {
  isEmbedded: boolean;
  presence: Presence;
  pool: Pool;
  /** For visits and leases. */
  hotPool: Pool;
  callPool: Pool;
  /** For reports and counts. */
  reportPool: Pool;
}

/** The database, embedded or not, reached or not: whoever asks it while it is away is refused at once. */
export async function connectDatabase(
  config: Config,
  logger: Logger,
  undo: Undo,
  onChange: (isAway: boolean) => void,
): Promise<Database> {
  const isEmbedded = config.DATABASE_URL === undefined;
  let presence: Presence;
  if (isEmbedded) {
    undo.push(await lockDataDir(config.DATA_DIR));
    const embedded = await startEmbedded(config.DATA_DIR);
    undo.push(embedded.close);
    presence = alwaysThere(embedded.connection);
  } else {
    presence = watchPostgres({ connectionString: config.DATABASE_URL }, (isAway, error) => {
      if (isAway) logger.error({ err: error }, 'Postgres is away');
      else logger.info('Postgres is back');
      onChange(isAway);
    });
    undo.push(presence.close);
  }

  const onError = (error: Error) => {
    // That it is away has been said, and by it every connection was lost.
    if (!presence.isAway()) logger.warn({ err: error }, 'a database connection was lost');
  };
  const { connection } = presence;
  const open = (options: { max: number; setUp?: string; keep?: boolean; isPatient?: boolean }): Pool => {
    const pool = createPool({ connection, onError, ...options });
    undo.push(() => pool.end());
    return pool;
  };
  if (isEmbedded) {
    // It is one session, and everything takes its turn on it.
    const pool = open({ max: 1, setUp: AFRESH });
    return { isEmbedded, presence, pool, hotPool: pool, callPool: pool, reportPool: pool };
  }
  return {
    isEmbedded,
    presence,
    pool: open({ max: CONNECTIONS }),
    hotPool: open({ max: HOT_CONNECTIONS, setUp: BY_KEY }),
    callPool: open({ max: CALL_CONNECTIONS, keep: true }),
    reportPool: open({ max: REPORT_CONNECTIONS, setUp: FOR_REPORTS, isPatient: true }),
  };
}
