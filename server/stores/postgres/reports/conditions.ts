import type { CallFilter } from '../../reports.js';
import { UNKNOWN } from './credit.js';
import type { Parameters } from './parameters.js';

type Add = Parameters['add'];

/** A text inside `like`, its own wildcards escaped. */
const containing = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

/**
 * The digits of a text that may be (part of) a phone number, to be found inside E.164: `(020) 7946` → `207946`, since
 * a trunk zero is not written there. null: no number.
 */
export function digitsOf(text: string): string | null {
  if (!/^[\d\s+().\-/]+$/.test(text)) return null;
  // As in +44 (0)20: that zero is not dialled from abroad.
  const digits = text.replace('(0)', '').replace(/\D/g, '').replace(/^0+/, '');
  return digits.length >= 3 ? digits : null;
}

function searchCondition(q: string, add: Add): string {
  const text = add(containing(q));
  const digits = digitsOf(q);
  const number = digits === null ? text : add(containing(digits));
  return `(
      calls.caller_number like ${number}
      or calls.tracking_number like ${number}
      or coalesce(calls.customer_name, calls.caller_name) ilike ${text}
      or calls.note ilike ${text}
      or exists (select from unnest(calls.tags) as tag where tag ilike ${text})
    )`;
}

/** What a visit says of itself; `of` gives the column of each. '' stands for none. */
function sourceConditions(filter: CallFilter, add: Add, of: (column: string) => string): string[] {
  const asked: [string, string[] | undefined][] = [
    ['source', filter.sources],
    ['medium', filter.mediums],
    ['campaign', filter.campaigns],
    ['keyword', filter.keywords],
    ['content', filter.contents],
    ['landing_page', filter.landingPages],
    ['referrer_domain', filter.referrerDomains],
    ['channel', filter.channels],
    ['device_type', filter.devices],
  ];
  return asked.flatMap(([column, values]) =>
    values ? [`coalesce(${of(column)}, '') = any(${add(values)}::text[])`] : [],
  );
}

/** What the address says where a visit landed. */
const landingConditions = ({ landingParams = [] }: CallFilter, add: Add, table: string): string[] =>
  landingParams.map(({ name, values }) =>
    values === null
      ? `${table}.landing_params ? ${add(name)}::text`
      : `${table}.landing_params ->> ${add(name)}::text = any(${add(values)}::text[])`,
  );

/** The visit that a call is credited to, for what the call has no copy of. */
export const LANDED = `from sessions as landed
      where landed.id = calls.session_id
        and landed.site_id = calls.site_id
        and credit.given`;

function landedConditions(filter: CallFilter, add: Add): string[] {
  const landing = landingConditions(filter, add, 'landed');
  if (landing.length === 0) return [];
  return [
    `exists (
      select
      ${LANDED}
        and ${landing.join('\n        and ')}
    )`,
  ];
}

export const creditedColumn = (column: string): string =>
  column === 'referrer_domain'
    ? `(
      select landed.referrer_domain
      ${LANDED}
    )`
    : `credited.${column}`;

/** Where and when; the column is that of the table's own time. */
function placeConditions({ siteId, period }: CallFilter, add: Add, table: string, time: string): string[] {
  return [
    ...(siteId === null ? [] : [`${table}.site_id = ${add(siteId)}`]),
    `${table}.${time} >= ${add(period.from)}`,
    `${table}.${time} < ${add(period.until)}`,
  ];
}

const SPAM = { without: ['not calls.spam'], only: ['calls.spam'], with: [] };

/** What only calls have. */
function callOnlyConditions(filter: CallFilter, add: Add): string[] {
  const { trackerIds, statuses, answered, firstCall, leadStatuses, minDuration, maxDuration, tags, q } =
    filter;
  const conditions: string[] = [];
  if (trackerIds) conditions.push(`calls.tracker_id = any(${add(trackerIds)}::uuid[])`);
  if (statuses) conditions.push(`calls.status = any(${add(statuses)}::text[])`);
  if (answered !== undefined) conditions.push(`(calls.status = 'answered') = ${add(answered)}`);
  if (firstCall !== undefined) conditions.push(`calls.first_call = ${add(firstCall)}`);
  if (leadStatuses) {
    conditions.push(`coalesce(calls.lead_status, 'not_scored') = any(${add(leadStatuses)}::text[])`);
  }
  if (minDuration !== undefined) conditions.push(`calls.duration >= ${add(minDuration)}`);
  if (maxDuration !== undefined) conditions.push(`calls.duration <= ${add(maxDuration)}`);
  if (tags) conditions.push(`calls.tags && ${add(tags)}::text[]`);
  if (q !== undefined) conditions.push(searchCondition(q, add));
  return conditions;
}

/** The calls of a filter, out of `creditedCalls`. */
export const callConditions = (filter: CallFilter, add: Add): string[] => [
  ...placeConditions(filter, add, 'calls', 'started_at'),
  ...SPAM[filter.spam],
  ...callOnlyConditions(filter, add),
  ...sourceConditions(filter, add, creditedColumn),
  ...landedConditions(filter, add),
];

const sessionColumn = (column: string): string => `sessions.${column === 'keyword' ? 'term' : column}`;

/** The sessions beside the calls of a filter: what only calls have does not apply to them. */
export const sessionConditions = (filter: CallFilter, add: Add): string[] => [
  ...placeConditions(filter, add, 'sessions', 'started_at'),
  ...sourceConditions(filter, add, sessionColumn),
  ...landingConditions(filter, add, 'sessions'),
];

/** The same of session_counts, as `counted`, whose columns are named as a call's. */
export const countedSessionConditions = (filter: CallFilter, add: Add): string[] =>
  sourceConditions(filter, add, (column) => `counted.${column}`);

/** The calls of a filter in call_counts, as `counted`, of which trackers are told. */
export const countedCallConditions = (filter: CallFilter, add: Add): string[] => [
  ...sourceConditions(filter, add, (column) => `counted.${column}`),
  ...(filter.trackerIds ? [`counted.tracker_id = any(${add(filter.trackerIds)}::uuid[])`] : []),
];

/** The forms beside the calls of a filter, of `leads` left joined to `sessions`. */
export const formConditions = (filter: CallFilter, add: Add): string[] => [
  ...placeConditions(filter, add, 'leads', 'created_at'),
  ...sourceConditions(filter, add, (column) =>
    column === 'source' ? `coalesce(sessions.source, '${UNKNOWN}')` : sessionColumn(column),
  ),
  ...landingConditions(filter, add, 'sessions'),
];

/** The costs beside the calls of a filter, in whose place what only calls have does not apply either. */
export const costConditions = (filter: CallFilter, add: Add, zone: string): string[] => [
  ...(filter.siteId === null ? [] : [`costs.site_id = ${add(filter.siteId)}`]),
  // The days at first, by which they are found.
  `costs.day >= (${add(filter.period.from)}::timestamptz at time zone ${zone}::text)::date`,
  `costs.day <= (${add(filter.period.until)}::timestamptz at time zone ${zone}::text)::date`,
  `cost_day.starts_at >= ${add(filter.period.from)}`,
  `cost_day.starts_at < ${add(filter.period.until)}`,
  ...sourceConditions(filter, add, (column) => `costs.${column}`),
];

/** Whether a filter names what costs are not told by. */
export const isBeyondCosts = (filter: CallFilter): boolean =>
  [filter.contents, filter.landingPages, filter.referrerDomains, filter.landingParams, filter.devices].some(
    (values) => values !== undefined,
  );

/** Whether a filter asks for something that only calls have, so that no form can fit it. */
export const isAboutCalls = (filter: CallFilter): boolean =>
  filter.spam === 'only' || callOnlyConditions(filter, () => '').length > 0;
