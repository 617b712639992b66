import type { GroupColumn, Grouping } from '../../measures.js';
import type { CallFilter } from '../../reports.js';
import { isAboutCalls } from './conditions.js';
import type { Parameters } from './parameters.js';

/** By what session_counts and call_counts tell apart, the more of it in the more rows. */
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

/** In how much detail counts are read: no more rows than tell what is asked for. */
export type Detail = 'source' | 'campaign' | 'keyword';

/** Keywords are not told apart by device; null: nor can they be read from counts so. */
function detailOf(filter: CallFilter, { columns }: Grouping): Detail | null {
  const isByDevice = columns.includes('device') || filter.devices !== undefined;
  if (columns.includes('keyword') || filter.keywords) return isByDevice ? null : 'keyword';
  return isByDevice || columns.includes('campaign') || filter.campaigns ? 'campaign' : 'source';
}

/**
 * In which detail the counts of days and months answer a question, of one site and by what they hold (by whose clocks is
 * asked where they are read): for its sessions, and for its calls; null: not at all.
 */
export function countedOf(
  filter: CallFilter,
  by: Grouping,
): { sessions: Detail | null; calls: Detail | null } {
  const { siteId, contents, landingPages, referrerDomains, landingParams } = filter;
  const sessions =
    siteId !== null &&
    [contents, landingPages, referrerDomains, landingParams].every((values) => values === undefined) &&
    by.columns.every((column) => COUNTED.includes(column))
      ? detailOf(filter, by)
      : null;
  const calls =
    by.model === 'last_touch' &&
    by.unique.days === null &&
    by.unique.per === 'site' &&
    filter.minConfidence === null &&
    filter.spam === 'without' &&
    // Counts are told by tracker.
    !isAboutCalls({ ...filter, trackerIds: undefined });
  return { sessions, calls: calls ? sessions : null };
}

/**
 * `span`: the counted months, and days of other months, that lie in the period and in one stretch of it each, were counted by
 * the clocks asked for and by the site's settings as they are now, and have not been written into since. `gap`: the times between.
 */
export function countedSpans(
  { siteId, period }: CallFilter,
  by: Grouping,
  starts: string | null,
  { add }: Parameters,
): string {
  const [site, from, until] = [add(siteId), add(period.from), add(period.until)];
  const conditions = [
    `counted_spans.site_id = ${site}`,
    `counted_spans.zone = ${add(by.zone)}::text`,
    `counted_spans.starts_at >= ${from}`,
    `counted_spans.ends_at <= ${until}`,
    ...(by.columns.includes('weekday') ? ["counted_spans.unit = 'day'"] : []),
    ...(starts === null
      ? []
      : [
          `width_bucket(counted_spans.starts_at, ${starts}::timestamptz[])
        = width_bucket(counted_spans.ends_at - interval '1 microsecond', ${starts}::timestamptz[])`,
        ]),
  ];
  return `usable as materialized (
    select counted_spans.unit, counted_spans.starts_at, counted_spans.ends_at
    from counted_spans
    join sites on sites.id = counted_spans.site_id
      and sites.min_confidence = counted_spans.min_confidence
      and sites.qualified_seconds = counted_spans.qualified_seconds
    where ${conditions.join('\n      and ')}
      and not exists (
        select
        from late_hours
        where late_hours.site_id = ${site}
          and late_hours.hour > counted_spans.starts_at - interval '1 hour'
          and late_hours.hour < counted_spans.ends_at
      )
  ),
  month as materialized (
    select unit, starts_at, ends_at
    from usable
    where unit = 'month'
  ),
  span as materialized (
    select *
    from month
    union all
    select unit, starts_at, ends_at
    from usable
    where unit = 'day'
      and not exists (
        select
        from month
        where month.starts_at <= usable.starts_at
          and month.ends_at >= usable.ends_at
      )
  ),
  gap as materialized (
    select starts_at, ends_at
    from (
      select ends_at as starts_at, lead(starts_at, 1, ${until}::timestamptz) over (order by starts_at, ends_at) as ends_at
      from (
        select starts_at, ends_at
        from span
        union all
        select ${from}::timestamptz, ${from}::timestamptz
      ) as edge
    ) as between_spans
    where starts_at < ends_at
  )`;
}

/** The rows of a table of counts that lie in `span`, as `counted`. */
export const ofSpans = (table: 'session_counts' | 'call_counts', siteId: string, detail: Detail): string =>
  `span
    join ${table} as counted on counted.site_id = ${siteId}
      and counted.unit = span.unit
      and counted.detail = '${detail}'
      and counted.starts_at = span.starts_at`;

/** The rows of a site that lie in `gap`: read by their time, gap by gap, as no plan that guesses how many there are would. */
export const ofGaps = (table: 'sessions' | 'calls', siteId: string): string =>
  `gap
    cross join lateral (
      select *
      from ${table}
      where site_id = ${siteId}
        and started_at >= gap.starts_at
        and started_at < gap.ends_at
      offset 0
    ) as ${table}`;
