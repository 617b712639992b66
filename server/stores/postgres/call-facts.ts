import { sqlFile } from '../../lib/sql.js';
import type {
  CallFacts,
  CallTransaction,
  CandidateLease,
  EarlierCall,
  KnownVisitor,
  OlderLeases,
} from '../calls.js';
import type { Queryable } from './pool.js';

const CANDIDATES = sqlFile(import.meta.url, './sql/candidates.sql');
const OLDER = sqlFile(import.meta.url, './sql/older-leases.sql');
const EARLIER_CALLER = sqlFile(import.meta.url, './sql/earlier-caller.sql');

/** As many leases of a number are looked at one by one. */
const NEWEST = 50;
/** Bounds of the ages by which the others are counted, in seconds: 0, 1 h, 4 h, 12 h, 1 d, 2 d, 4 d, 8 d, 16 d. */
const AGES = [0, 3600, 14_400, 43_200, 86_400, 172_800, 345_600, 691_200, 1_382_400];

/** What a decision needs to know, as of the start of the call. */
export async function callFacts(
  db: Queryable,
  ask: Parameters<CallTransaction['facts']>[0],
): Promise<CallFacts> {
  const { siteId, number, startedAt, from, codes, attributionDays, callId } = ask;

  // A code may be asked for while the call is going on already.
  const code = await db.query<KnownVisitor>(
    `select codes.visitor_id, session.id as session_id
    from codes
    join visitors on visitors.id = codes.visitor_id
      and visitors.withdrawn_at is null
    left join lateral (
      select sessions.id
      from sessions
      where sessions.visitor_id = codes.visitor_id
        and sessions.site_id = codes.site_id
        and sessions.started_at <= greatest($3::timestamptz, codes.created_at)
      order by sessions.started_at desc
      limit 1
    ) as session on true
    where codes.site_id = $1
      and codes.code = any($2)
      and codes.expires_at > $3
    order by codes.created_at desc
    limit 1`,
    [siteId, codes, startedAt],
  );

  const redial = await db.query<EarlierCall>(EARLIER_CALLER, [
    siteId,
    from,
    startedAt,
    callId,
    attributionDays,
    number,
  ]);

  const prior = await db.query<{ count: number }>(
    `select count(*) as count
    from calls
    where site_id = $1
      and caller_number = $2
      and started_at < $3
      and id is distinct from $4`,
    [siteId, from, startedAt, callId],
  );

  const named = [code, redial].flatMap(({ rows }) => rows.flatMap((row) => row.visitor_id ?? []));
  const { rows: leases } = await db.query<CandidateLease>(CANDIDATES, [
    siteId,
    number,
    startedAt,
    attributionDays,
    named,
  ]);
  const oldest = leases[NEWEST - 1];
  const older = oldest
    ? await db.query<OlderLeases>(OLDER, [siteId, number, startedAt, attributionDays, oldest.shown_for, AGES])
    : { rows: [] };

  const model = await db.query<{ model: unknown }>(
    'select model from time_models where site_id = $1 order by version desc limit 1',
    [siteId],
  );

  return {
    leases,
    older: older.rows,
    code: code.rows[0] ?? null,
    redial: redial.rows[0] ?? null,
    prior_calls: prior.rows[0]?.count ?? 0,
    model: model.rows[0]?.model ?? null,
  };
}
