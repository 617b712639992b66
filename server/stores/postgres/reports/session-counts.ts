import type { GroupColumn, Grouping } from '../../measures.js';
import type { CallFilter } from '../../reports.js';
import { countedSessionConditions, sessionConditions } from './conditions.js';
import { keysOf, namesOf } from './group-keys.js';
import type { Parameters } from './parameters.js';

/** By what session_days tells sessions apart; by keyword in rows of their own. */
const COUNTED: readonly GroupColumn[] = [
  'source',
  'medium',
  'campaign',
  'keyword',
  'channel',
  'device',
  'site',
  'tracker',
  'weekday',
];

/** Whether the counts of days can answer: of one site, by its own clocks (that is asked where they are read), by what they hold. */
function canBeCounted(filter: CallFilter, by: Grouping): boolean {
  const { siteId, contents, landingPages, referrerDomains, landingParams } = filter;
  if (siteId === null) return false;
  if ([contents, landingPages, referrerDomains, landingParams].some((values) => values !== undefined))
    return false;
  return (by.starts === null || by.areDays) && by.columns.every((column) => COUNTED.includes(column));
}

const groupedBy = (names: string[]): string =>
  names.length > 0 ? names.map((_, at) => at + 1).join(', ') : '()';

/**
 * The sessions of a filter, counted by group as `visit`: whole days out of session_days where they were counted and
 * nothing was written late, the rest one by one.
 */
export function visitCounts(
  filter: CallFilter,
  by: Grouping,
  starts: string | null,
  given: Parameters,
): string {
  const { add } = given;
  const names = namesOf(by);
  const where = (conditions: string[]) => conditions.join('\n      and ');
  const keys = () => keysOf('sessions', by, starts, given);
  if (!canBeCounted(filter, by)) {
    return `visit as (
    select ${keys()}count(*) as sessions
    from sessions
    where ${where(sessionConditions(filter, add))}
    group by ${groupedBy(names)}
  )`;
  }
  const site = add(filter.siteId);
  const [from, until] = [add(filter.period.from), add(filter.period.until)];
  const keywords = by.columns.includes('keyword') || filter.keywords !== undefined;
  return `counted_day as materialized (
    select starts_at, ends_at
    from counted_days
    where site_id = ${site}
      and zone = ${add(by.zone)}::text
      and starts_at >= ${from}
      and ends_at <= ${until}
      and not exists (
        select
        from late_sessions
        where late_sessions.site_id = counted_days.site_id
          and late_sessions.hour > counted_days.starts_at - interval '1 hour'
          and late_sessions.hour < counted_days.ends_at
      )
  ),
  gap as materialized (
    select starts_at, ends_at
    from (
      select ends_at as starts_at, lead(starts_at, 1, ${until}::timestamptz) over (order by starts_at, ends_at) as ends_at
      from (
        select starts_at, ends_at
        from counted_day
        union all
        select ${from}::timestamptz, ${from}::timestamptz
      ) as edge
    ) as between_days
    where starts_at < ends_at
  ),
  visit as (
    select ${keysOf('days', by, starts, given)}sum(sessions.sessions) as sessions
    from session_days as sessions
    join counted_day on counted_day.starts_at = sessions.starts_at
    where ${where([
      `sessions.site_id = ${site}`,
      `sessions.by_keyword = ${keywords}`,
      `sessions.starts_at >= ${from}`,
      `sessions.starts_at < ${until}`,
      ...countedSessionConditions(filter, add),
    ])}
    group by ${groupedBy(names)}
    union all
    select ${keys()}count(*) as sessions
    from gap
    join sessions on sessions.site_id = ${site}
      and sessions.started_at >= gap.starts_at
      and sessions.started_at < gap.ends_at
    where ${where(['true', ...sessionConditions(filter, add)])}
    group by ${groupedBy(names)}
  )`;
}
