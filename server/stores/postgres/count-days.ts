import { inTransaction, type Pool } from './pool.js';

/** A day by a zone's clocks: 23, 24 or 25 hours. */
export interface Day {
  startsAt: Date;
  endsAt: Date;
}

/** How long a day must be over. A transaction that wrote into it without noting that is done by then. */
const SETTLED_MS = 15 * 60_000;

/** One at a time in all servers: two would count a day twice. */
const LOCK = 0x64617973;

/** Takes back what was counted of days that the site's clocks, or late sessions, have made wrong. */
const FORGET = `with late as (
    delete from late_sessions
    where site_id = $1
      and hour < $3
    returning hour
  ),
  wrong as (
    delete from counted_days
    where site_id = $1
      and (
        zone <> $2
        or exists (
          select
          from late
          where late.hour > counted_days.starts_at - interval '1 hour'
            and late.hour < counted_days.ends_at
        )
      )
    returning starts_at
  )
  delete from session_days
  using wrong
  where session_days.site_id = $1
    and session_days.starts_at = wrong.starts_at`;

const UNCOUNTED = `select day.starts_at, day.ends_at
  from unnest($2::timestamptz[], $3::timestamptz[]) as day (starts_at, ends_at)
  where not exists (
    select
    from counted_days
    where counted_days.site_id = $1
      and counted_days.starts_at = day.starts_at
      and counted_days.ends_at = day.ends_at
  )
  order by day.starts_at`;

const COUNT = `insert into session_days (
    site_id, by_keyword, starts_at, source, medium, campaign, keyword, channel, device_type, sessions
  )
  select
    $1, level.by_keyword, ($2::timestamptz[])[width_bucket(sessions.started_at, $2::timestamptz[])],
    sessions.source, sessions.medium, sessions.campaign, case when level.by_keyword then sessions.term end,
    sessions.channel, sessions.device_type, count(*)
  from sessions
  cross join (values (false), (true)) as level (by_keyword)
  where sessions.site_id = $1
    and sessions.started_at >= $3
    and sessions.started_at < $4
  group by 2, 3, 4, 5, 6, 7, 8, 9`;

const KEEP = `insert into counted_days (site_id, starts_at, ends_at, zone)
  select $1, day.starts_at, day.ends_at, $4
  from unnest($2::timestamptz[], $3::timestamptz[]) as day (starts_at, ends_at)`;

/** Days counted in one transaction, so that none lasts long. */
const AT_ONCE = 92;

/** The first days of a list that follow on each other, so that one stretch of an index has them. */
function firstRun(days: { starts_at: Date; ends_at: Date }[]): { starts_at: Date; ends_at: Date }[] {
  const gap = days.findIndex(
    (day, at) => at > 0 && days[at - 1]?.ends_at.getTime() !== day.starts_at.getTime(),
  );
  return days.slice(0, Math.min(gap === -1 ? days.length : gap, AT_ONCE));
}

/** All sites and their zones. */
async function siteZones(pool: Pool): Promise<{ id: string; time_zone: string }[]> {
  const { rows } = await pool.query<{ id: string; time_zone: string }>(
    'select id, time_zone from sites order by id',
  );
  return rows;
}

/**
 * Since when a site's days may have to be counted: since the last that is, or since its first session where something was
 * written late or its clocks are others; null: it has none.
 */
async function uncountedSince(pool: Pool, siteId: string, zone: string, until: Date): Promise<Date | null> {
  const { rows } = await pool.query<{ since: Date | null }>(
    `select case
      when exists (select from late_sessions where site_id = $1 and hour < $3)
        or exists (select from counted_days where site_id = $1 and zone <> $2)
        then null
      else (select max(ends_at) from counted_days where site_id = $1)
    end as since`,
    [siteId, zone, until],
  );
  if (rows[0]?.since) return rows[0].since;
  const { rows: first } = await pool.query<{ since: Date | null }>(
    'select min(started_at) as since from sessions where site_id = $1',
    [siteId],
  );
  return first[0]?.since ?? null;
}

/**
 * Counts a site's sessions of days that are over and not counted, at most 92 of them. How many it counted; with 0 all
 * are, or another server is at it.
 */
const countDays = (pool: Pool, siteId: string, zone: string, days: Day[]): Promise<number> =>
  inTransaction(pool, async (client) => {
    const { rows: locked } = await client.query<{ ok: boolean }>(
      'select pg_try_advisory_xact_lock($1) as ok',
      [LOCK],
    );
    const end = days.at(-1)?.endsAt;
    if (!locked[0]?.ok || !end) return 0;
    // Before the sessions are read: what is noted later is not lost, and what is noted now is read.
    await client.query(FORGET, [siteId, zone, end]);
    const asked = [days.map(({ startsAt }) => startsAt), days.map(({ endsAt }) => endsAt)];
    const { rows } = await client.query<{ starts_at: Date; ends_at: Date }>(UNCOUNTED, [siteId, ...asked]);
    const chosen = firstRun(rows);
    const [first, last] = [chosen[0], chosen.at(-1)];
    if (!first || !last) return 0;
    const starts = chosen.map((day) => day.starts_at);
    await client.query(COUNT, [siteId, starts, first.starts_at, last.ends_at]);
    await client.query(KEEP, [siteId, starts, chosen.map((day) => day.ends_at), zone]);
    return chosen.length;
  });

/** What reports by the day are counted with. */
export const dayCounts = (pool: Pool) => ({
  sites: () => siteZones(pool),
  since: (siteId: string, zone: string, until: Date) => uncountedSince(pool, siteId, zone, until),
  count: (siteId: string, zone: string, days: Day[]) => countDays(pool, siteId, zone, days),
  settled: SETTLED_MS,
});
