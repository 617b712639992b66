import type { Pool } from '../../server/stores/postgres/pool.js';

export interface VerifiedSite {
  id: string;
  name: string;
  time_zone: string;
  min_confidence: number;
  qualified_seconds: number;
}

/** Spans that reports would read: counted as the site is now, and not written into since. */
const SPANS = `span as (
    select unit, starts_at, ends_at
    from counted_spans
    where site_id = $1
      and (zone, min_confidence, qualified_seconds) = ($2, $3, $4)
      and not exists (
        select
        from late_hours
        where late_hours.site_id = counted_spans.site_id
          and late_hours.hour > counted_spans.starts_at - interval '1 hour'
          and late_hours.hour < counted_spans.ends_at
      )
  )`;

const KEYS = 'source, medium, channel, campaign, device_type, keyword';

const DETAIL = `case
    when grouping(keyword) = 0 then 'keyword'
    when grouping(device_type) = 0 then 'campaign'
    else 'source'
  end as detail`;

const BY = 'source, medium, channel, grouping sets ((), (campaign, device_type), (campaign, keyword))';

const SESSIONS_THERE = `select unit, span.starts_at, ${DETAIL}, ${KEYS}, count(*)::integer as sessions
  from span
  join (select *, term as keyword from sessions where site_id = $1) as sessions
    on sessions.started_at >= span.starts_at
    and sessions.started_at < span.ends_at
  group by unit, span.starts_at, ${BY}`;

const SESSIONS_COUNTED = `select unit, starts_at, detail, ${KEYS}, sessions
  from session_counts
  join span using (unit, starts_at)
  where site_id = $1`;

/** By the credit rule as docs/reports.md words it, not as the service writes it. */
const CALLS_THERE = `select
    unit, span.starts_at, ${DETAIL}, tracker_id, ${KEYS},
    count(*)::integer as calls,
    (count(*) filter (where status = 'answered'))::integer,
    (count(*) filter (where status not in ('answered', 'in_progress')))::integer,
    (count(*) filter (where first_call))::integer,
    (count(*) filter (where status = 'answered' and coalesce(talk_time, duration) >= $4))::integer,
    (count(*) filter (where source = '(unknown)'))::integer,
    coalesce(sum(duration), 0)::bigint,
    count(duration)::integer,
    coalesce(sum(value), 0),
    count(distinct caller_number)::integer,
    (count(*) filter (where caller_number is null))::integer,
    (count(distinct caller_number) filter (where is_lead))::integer
  from span
  join (
    select
      tracker_id, started_at, status, first_call, talk_time, duration, value, caller_number,
      lead_status is distinct from 'not_a_lead' as is_lead,
      case when is_credited then source else '(unknown)' end as source,
      case when is_credited then medium end as medium,
      case when is_credited then channel end as channel,
      case when is_credited then campaign end as campaign,
      case when is_credited then device_type end as device_type,
      case when is_credited then keyword end as keyword
    from calls
    cross join lateral (
      select source is not null and confidence >= $3 as is_credited
    ) as credit
    where site_id = $1
      and not spam
  ) as calls
    on calls.started_at >= span.starts_at
    and calls.started_at < span.ends_at
  group by unit, span.starts_at, tracker_id, ${BY}`;

const CALLS_COUNTED = `select
    unit, starts_at, detail, tracker_id, ${KEYS},
    calls, answered_calls, missed_calls, first_time_callers, qualified_calls, unknown_calls, duration, ended, value,
    cardinality(callers),
    coalesce(cardinality(withheld), 0),
    cardinality(coalesce(people, callers))
  from call_counts
  join span using (unit, starts_at)
  where site_id = $1`;

const differing = (there: string, counted: string): string => `with ${SPANS},
  there as (${there}),
  counted as (${counted})
  select unit, starts_at, detail, count(*) as rows
  from (
    (table there except all table counted)
    union all
    (table counted except all table there)
  ) as differing
  group by 1, 2, 3
  order by 1, 2, 3`;

const TABLES = {
  session_counts: differing(SESSIONS_THERE, SESSIONS_COUNTED),
  call_counts: differing(CALLS_THERE, CALLS_COUNTED),
};

/** Counts of days and months that are not what the rows say, a line each. */
export async function wrongCounts(pool: Pool, site: VerifiedSite): Promise<string[]> {
  const lines: string[] = [];
  for (const [table, text] of Object.entries(TABLES)) {
    const { rows } = await pool.query<{ unit: string; starts_at: Date; detail: string; rows: number }>(text, [
      site.id,
      site.time_zone,
      site.min_confidence,
      site.qualified_seconds,
    ]);
    for (const wrong of rows) {
      lines.push(
        `${table}: the ${wrong.unit} of ${wrong.starts_at.toISOString()} by ${wrong.detail}: ${wrong.rows} rows differ`,
      );
    }
  }
  return lines;
}
