import { sqlFile } from '../../lib/sql.js';
import type { CallFacts, CallTransaction, CandidateLease, KnownVisitor } from '../calls.js';
import type { Queryable } from './pool.js';

const CANDIDATES = sqlFile(import.meta.url, './sql/candidates.sql');

/** The visitor's latest session that had begun by then; joined as `session`. */
const LATEST_SESSION = (visitor: string, site: string, by: string) => `left join lateral (
    select sessions.id
    from sessions
    where sessions.visitor_id = ${visitor}
      and sessions.site_id = ${site}
      and sessions.started_at <= ${by}
    order by sessions.started_at desc
    limit 1
  ) as session on true`;

/** What a decision needs to know, as of the start of the call. */
export async function callFacts(
  db: Queryable,
  ask: Parameters<CallTransaction['facts']>[0],
): Promise<CallFacts> {
  const { siteId, number, startedAt, from, codes, attributionDays, callId } = ask;
  const leases = await db.query<CandidateLease>(CANDIDATES, [siteId, number, startedAt, attributionDays]);

  // A code may be asked for while the call is going on already.
  const code = await db.query<KnownVisitor>(
    `select codes.visitor_id, session.id as session_id
    from codes
    join visitors on visitors.id = codes.visitor_id
      and visitors.withdrawn_at is null
    ${LATEST_SESSION('codes.visitor_id', 'codes.site_id', 'greatest($3::timestamptz, codes.created_at)')}
    where codes.site_id = $1
      and codes.code = any($2)
      and codes.expires_at > $3
    order by codes.created_at desc
    limit 1`,
    [siteId, codes, startedAt],
  );

  const redial = await db.query<KnownVisitor & { call_id: string; confidence: number }>(
    `select calls.id as call_id, calls.confidence, calls.visitor_id, session.id as session_id
    from calls
    join visitors on visitors.id = calls.visitor_id
      and visitors.withdrawn_at is null
    ${LATEST_SESSION('calls.visitor_id', 'calls.site_id', '$3::timestamptz')}
    where calls.site_id = $1
      and calls.caller_number = $2
      and calls.started_at < $3
      and calls.id is distinct from $4
      and calls.started_at >= $3::timestamptz - make_interval(days => $5)
    order by calls.started_at desc
    limit 1`,
    [siteId, from, startedAt, callId, attributionDays],
  );

  const prior = await db.query<{ count: number }>(
    `select count(*) as count
    from calls
    where site_id = $1
      and caller_number = $2
      and started_at < $3
      and id is distinct from $4`,
    [siteId, from, startedAt, callId],
  );

  return {
    leases: leases.rows,
    code: code.rows[0] ?? null,
    redial: redial.rows[0] ?? null,
    prior_calls: prior.rows[0]?.count ?? 0,
  };
}
