import { sqlFile } from '../../lib/sql.js';
import type { Queryable } from './pool.js';

const KEEP = sqlFile(import.meta.url, './sql/keep-touches.sql');

/**
 * Keeps with a call the touches of the visitor whom its row names now; in the transaction that named them. A decision for
 * the same visitor leaves what was kept as it is, unless the call turned out to have begun at another time.
 */
export async function keepTouches(db: Queryable, callId: string): Promise<void> {
  await db.query(
    `delete from call_touches
    using calls
    where call_touches.call_id = $1
      and calls.id = $1
      and (
        calls.visitor_id is distinct from call_touches.visitor_id
        or calls.started_at <> call_touches.call_started_at
      )`,
    [callId],
  );
  await db.query(KEEP, [callId]);
}
