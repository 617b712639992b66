import { sqlFile } from '../../lib/sql.js';
import type { CountedSite, Span, SpanCounts, Unit } from '../span-counts.js';
import { type Client, inTransaction, type Pool } from './pool.js';
import { callTally } from './reports/call-tally.js';
import { creditedCalls } from './reports/credit.js';

const SETTLED_MS = 15 * 60_000;

/** "days" in ASCII. */
const LOCK = 0x64617973;

/** Spans counted in one transaction, so that none lasts long. */
const AT_ONCE: Record<Unit, number> = { day: 92, month: 12 };

/** Longer than others may take: where a site is busy, and nobody waits for it. */
const PATIENCE = "set local statement_timeout = '10min'";

const FORGET = sqlFile(import.meta.url, './sql/forget-counts.sql');
const SINCE = sqlFile(import.meta.url, './sql/uncounted-since.sql');
const UNCOUNTED = sqlFile(import.meta.url, './sql/uncounted.sql');
const COUNT_SESSIONS: Record<Unit, string> = {
  day: sqlFile(import.meta.url, './sql/count-sessions-by-day.sql'),
  month: sqlFile(import.meta.url, './sql/count-sessions-by-month.sql'),
};

const { first_in_days: _, ...TALLY } = callTally({
  by: { model: 'last_touch', unique: { days: null, per: 'site' } },
  days: null,
  areNumbers: true,
  qualifiedSeconds: '$6::integer',
  distinct: true,
});

/** $2: when the spans begin, one after the other; $3: when the last ends; $4: the unit; $5, $6: what the site asks of calls. */
const COUNT_CALLS = `insert into call_counts (
    site_id, unit, detail, starts_at, tracker_id, source, medium, channel, campaign, device_type, keyword,
    ${Object.keys(TALLY).join(', ')}
  )
  select
    $1,
    $4,
    case
      when grouping(credited.keyword) = 0 then 'keyword'
      when grouping(credited.device_type) = 0 then 'campaign'
      else 'source'
    end as detail,
    ($2::timestamptz[])[span.nth], calls.tracker_id, credited.source, credited.medium, credited.channel,
    credited.campaign, credited.device_type, credited.keyword,
    ${Object.values(TALLY).join(',\n    ')}
  from ${creditedCalls('$5')}
  cross join lateral (
    select width_bucket(calls.started_at, $2::timestamptz[]) as nth
  ) as span
  where calls.site_id = $1
    and calls.started_at >= ($2::timestamptz[])[1]
    and calls.started_at < $3
    and not calls.spam
  group by span.nth, calls.tracker_id, credited.source, credited.medium, credited.channel,
    grouping sets ((), (credited.campaign, credited.device_type), (credited.campaign, credited.keyword))
  order by detail, span.nth`;

const KEEP = `insert into counted_spans (site_id, unit, starts_at, ends_at, zone, min_confidence, qualified_seconds)
  select $1, $2, span.starts_at, span.ends_at, $5, $6, $7
  from unnest($3::timestamptz[], $4::timestamptz[]) as span (starts_at, ends_at)`;

const SITES = `select id, time_zone, min_confidence, qualified_seconds
  from sites
  order by id`;

/** The first spans of a list that follow on each other, so that one stretch of an index has them. */
function firstRun(spans: Span[], most: number): Span[] {
  const gap = spans.findIndex(
    ({ startsAt }, at) => at > 0 && spans[at - 1]?.endsAt.getTime() !== startsAt.getTime(),
  );
  return spans.slice(0, Math.min(gap === -1 ? spans.length : gap, most));
}

/**
 * Runs `work` unless another server counts or forgets: two would count a span twice, and what one notes as read while
 * another counts would be lost.
 */
const alone = <T>(pool: Pool, work: (client: Client) => Promise<T>): Promise<T | null> =>
  inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ ok: boolean }>('select pg_try_advisory_xact_lock($1) as ok', [
      LOCK,
    ]);
    return rows[0]?.ok ? work(client) : null;
  });

async function count(client: Client, site: CountedSite, unit: Unit, spans: Span[]): Promise<number> {
  const { id, time_zone, min_confidence, qualified_seconds } = site;
  await client.query(PATIENCE);
  const { rows } = await client.query<{ starts_at: Date; ends_at: Date }>(UNCOUNTED, [
    id,
    unit,
    spans.map(({ startsAt }) => startsAt),
    spans.map(({ endsAt }) => endsAt),
  ]);
  const chosen = firstRun(
    rows.map(({ starts_at, ends_at }) => ({ startsAt: starts_at, endsAt: ends_at })),
    AT_ONCE[unit],
  );
  const end = chosen.at(-1)?.endsAt;
  if (!end) return 0;
  const starts = chosen.map(({ startsAt }) => startsAt);
  const ends = chosen.map(({ endsAt }) => endsAt);
  await client.query(COUNT_SESSIONS[unit], [id, starts, end]);
  await client.query(COUNT_CALLS, [id, starts, end, unit, min_confidence, qualified_seconds]);
  await client.query(KEEP, [id, unit, starts, ends, time_zone, min_confidence, qualified_seconds]);
  return chosen.length;
}

/** Counts in Postgres, out of which reports are read. */
export const createSpanCounts = (pool: Pool): SpanCounts => ({
  async now() {
    const { rows } = await pool.query<{ now: Date }>('select now()');
    return rows[0]?.now as Date;
  },
  async sites() {
    const { rows } = await pool.query<CountedSite>(SITES);
    return rows;
  },
  async forget({ id, time_zone, min_confidence, qualified_seconds }, until) {
    await alone(pool, (client) =>
      client.query(FORGET, [id, time_zone, min_confidence, qualified_seconds, until]),
    );
  },
  async since({ id }, unit) {
    const { rows } = await pool.query<{ since: Date | null }>(SINCE, [id, unit]);
    return rows[0]?.since ?? null;
  },
  async count(site, unit, spans) {
    return (await alone(pool, (client) => count(client, site, unit, spans))) ?? 0;
  },
  settledMs: SETTLED_MS,
});
