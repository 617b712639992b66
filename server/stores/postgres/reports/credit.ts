/** Calls that are credited to nobody count under this source. */
export const UNKNOWN = '(unknown)';

const COPIED = [
  'medium',
  'campaign',
  'keyword',
  'content',
  'channel',
  'landing_page',
  'device_type',
  'seconds_to_call',
];

/**
 * Calls with their site and with what they count under: `credited.source` … from the visit (or the source tracker)
 * where the decision is sure enough, else `(unknown)` and null. The one place where the credit rule is written.
 * `minConfidence` is the mark of a parameter, null: each site's own; `from`: what to read `calls` from.
 */
export const creditedCalls = (minConfidence: string, from = 'calls'): string => `${from}
  join sites on sites.id = calls.site_id
  cross join lateral (
    select calls.source is not null
      and calls.confidence >= coalesce(${minConfidence}::float8, sites.min_confidence) as given
  ) as credit
  cross join lateral (
    select
      case when credit.given then calls.source else '${UNKNOWN}' end as source,
      ${COPIED.map((column) => `case when credit.given then calls.${column} end as ${column}`).join(',\n      ')}
  ) as credited`;
