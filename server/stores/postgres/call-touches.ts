import { sqlFile } from '../../lib/sql.js';
import type { Queryable } from './pool.js';

const KEEP = sqlFile(import.meta.url, './sql/keep-touches.sql');

/** Credits a call of a direct session to the last touch in the window that is not direct, where there is one. */
const CREDIT = `update calls
  set source = touch.source,
    medium = touch.medium,
    campaign = touch.campaign,
    keyword = touch.term,
    content = touch.content,
    channel = touch.channel,
    landing_page = split_part(split_part(touch.landing_page_url, '#', 1), '?', 1)
  from call_touches as touch
  where calls.id = $1
    and calls.visitor_id is not null
    and calls.source = '(direct)'
    and touch.call_id = calls.id
    and touch.is_last_not_direct`;

/**
 * Keeps with a call the touches of the visitor whom its row names now, and credits it to them; in the transaction that named
 * them. A decision for the same visitor leaves what was kept as it is, unless the call turned out to have begun at another time.
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
  await db.query(CREDIT, [callId]);
}
