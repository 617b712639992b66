import { z } from 'zod';
import type { Question } from '../domain/reports/ask.js';
import type { Counting, GroupKey, Order } from '../domain/reports/summary.js';
import { Problem } from '../lib/errors.js';
import { cleanText } from '../lib/text.js';
import type { LandingParam } from '../stores/reports.js';
import { id, text } from './schemas.js';

// The query of the calls list and of the reports. Unknown parameters are refused: a filter whose name is mistyped
// would otherwise silently count everything.

const MAX_VALUES = 100;

/** One value or several: repeated, or with `commas` also in one. */
function several<T extends z.ZodType>(item: T, { commas }: { commas: boolean }) {
  return z.preprocess((given) => {
    if (given === undefined) return undefined;
    const list = Array.isArray(given) ? given : [given];
    return commas ? list.flatMap((value) => (typeof value === 'string' ? value.split(',') : value)) : list;
  }, z.array(item).min(1).max(MAX_VALUES).optional());
}

const names = (max = 512) => several(text(max), { commas: false });
/** Some of a few words. */
export const oneOf = <const T extends readonly string[]>(values: T) =>
  several(z.enum(values), { commas: true });

/** `name:value`; `name:` has any value. */
const landingParam = z
  .string()
  .max(600)
  .transform((given, context) => {
    const text = cleanText(given, 600);
    const end = text.indexOf(':');
    if (end > 0) return { name: text.slice(0, end), value: text.slice(end + 1) };
    context.addIssue({ code: 'custom', message: 'is not name:value' });
    return z.NEVER;
  });

/** Names given several times are one, with any of the values. */
function landingParamsOf(given: { name: string; value: string }[] | undefined): LandingParam[] | undefined {
  if (!given) return undefined;
  return [...new Set(given.map(({ name }) => name))].map((name) => {
    const values = given.filter((one) => one.name === name).map(({ value }) => value);
    return { name, values: values.includes('') ? null : values };
  });
}

const flag = z
  .enum(['true', 'false', '1', '0'])
  .transform((value) => value === 'true' || value === '1')
  .optional();

const seconds = z.coerce.number().int().min(0).max(31_536_000).optional();
const date = z.string().max(40).optional();

/** Which calls count: the same parameters everywhere. */
export const filterQuery = z.strictObject({
  site_id: id.optional(),
  tracker_id: several(id, { commas: true }),
  start_date: date.describe('A date (from its beginning), or a date-time with its offset. None: 30 days'),
  end_date: date.describe('A date (to its end), or a date-time with its offset (not included)'),
  time_zone: z.string().max(64).optional().describe("IANA name; none: the site's; of several sites: UTC"),
  status: oneOf(['in_progress', 'answered', 'missed', 'busy', 'failed', 'voicemail']).describe(
    '`missed` means all that was missed: missed, busy, failed, voicemail',
  ),
  answered: flag.describe('false includes the calls that are still going on'),
  first_call: flag,
  device: oneOf(['mobile', 'tablet', 'desktop']),
  lead_status: oneOf(['good_lead', 'not_a_lead', 'not_scored']).describe(
    '`not_scored` includes the calls that nobody has scored',
  ),
  min_duration: seconds,
  max_duration: seconds,
  min_confidence: z.coerce
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe("Credit calls from this confidence on, in place of the site's own"),
  source: names().describe('Of the credit; `(unknown)`: calls credited to nobody'),
  medium: names().describe('Of the credit; empty: none'),
  campaign: names().describe('Of the credit; empty: none'),
  keyword: names().describe('Of the credit; empty: none'),
  content: names().describe('Of the credit; empty: none'),
  landing_page: names(2048).describe('Origin and path, of the credit; empty: none'),
  referrer_domain: names().describe('Of the credit; empty: none'),
  landing_param: several(landingParam, { commas: false }).describe(
    'A parameter of the landing page of the visit that is credited, as `matchtype:e`; `adposition:` is there with any value. Repeated: all of the names, of each any of the values',
  ),
  channel: names(64).describe('Of the credit, like `Paid Search`; empty: none'),
  tags: names(64).describe('Calls with any of these tags'),
  spam: z.enum(['true', 'false', 'all']).default('false').describe('true: only spam'),
  q: text(200).optional().describe('Caller number or name, note, tag, tracking number'),
});

export type FilterQuery = z.infer<typeof filterQuery>;

/** Adds parameters to the filters; still no others. */
export const filtersAnd = <T extends z.ZodRawShape>(shape: T) => filterQuery.extend(shape);

export const formatQuery = { format: z.enum(['json', 'csv']).optional() };

const GROUP_KEYS = [
  'source',
  'medium',
  'campaign',
  'keyword',
  'content',
  'channel',
  'landing_page',
  'referrer_domain',
  'device',
  'site',
  'tracker',
  'day',
  'hour',
  'weekday',
] as const satisfies GroupKey[];

const groupKey = z.union([
  z.enum(GROUP_KEYS),
  z
    .templateLiteral(['landing_param:', z.string().min(1)])
    .check(z.maxLength(80))
    .describe('A parameter of the landing page, as `landing_param:matchtype`'),
]);

const MOST_KEYS = 6;

const groupBy = several(groupKey, { commas: true })
  .transform((keys) => [...new Set(keys ?? (['source'] as const))])
  .refine((keys) => keys.length <= MOST_KEYS, { message: `must name at most ${MOST_KEYS} keys` })
  .describe(`One to ${MOST_KEYS} keys, repeated or with commas; none: source`);

export const MODELS = ['last_touch', 'last_click', 'first_touch', 'linear', 'position_based'] as const;

/** How calls are counted. */
export const countingQuery = {
  attribution: z
    .enum(MODELS)
    .default('last_touch')
    .describe(
      'Which touch of the visitor a call is credited to: last_touch where the visit came from, of a direct one the last in the attribution window that is not, last_click the last, direct too, first_touch the first of all; linear and position_based (40 % the first, 40 % the last, 20 % those between) share it among those in the window',
    ),
  unique_days: z.coerce
    .number()
    .int()
    .min(1)
    .max(365)
    .optional()
    .describe(
      'Count as unique each call whose caller had not called in so many days; none: each caller once',
    ),
  unique_per: z.enum(['site', 'tracker']).default('site').describe('Where a caller is unique'),
  compare: z.enum(['previous']).optional().describe('Beside each figure that of the time as long before'),
};

type CountingQuery = z.infer<z.ZodObject<typeof countingQuery>>;

export const countingOf = ({ attribution, unique_days, unique_per, compare }: CountingQuery): Counting => ({
  model: attribution,
  unique: { days: unique_days ?? null, per: unique_per },
  comparesBefore: compare === 'previous',
});

/** What a summary is grouped by, and how its groups come. */
export const groupingQuery = {
  group_by: groupBy,
  sort: text(80).default('calls').describe('A metric, or one of the keys'),
  order: z.enum(['asc', 'desc']).optional().describe('None: metrics desc, keys asc'),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe('How many groups; the total is of all'),
};

type GroupingQuery = z.infer<z.ZodObject<typeof groupingQuery>>;

/** Refuses to sort by what is not shown. */
export function orderOf({ group_by, sort, order, limit }: GroupingQuery, metrics: readonly string[]): Order {
  const isKey = (group_by as string[]).includes(sort);
  if (!isKey && !metrics.includes(sort)) {
    throw new Problem('invalid_request', 'The query is not valid.', [
      { path: 'sort', message: 'is neither a metric nor one of the keys in group_by' },
    ]);
  }
  return {
    sort: sort as Order['sort'],
    descends: order === undefined ? !isKey : order === 'desc',
    limit: limit ?? null,
  };
}

const MISSED = ['missed', 'busy', 'failed', 'voicemail'] as const;
const SPAM = { true: 'only', false: 'without', all: 'with' } as const;

/** The filters as the domain knows them. */
export function questionOf(query: FilterQuery): Question {
  const statuses = query.status?.flatMap((status) => (status === 'missed' ? MISSED : [status]));
  return {
    siteId: query.site_id,
    startDate: query.start_date,
    endDate: query.end_date,
    timeZone: query.time_zone,
    minConfidence: query.min_confidence ?? null,
    spam: SPAM[query.spam],
    trackerIds: query.tracker_id,
    statuses: statuses && [...new Set(statuses)],
    answered: query.answered,
    firstCall: query.first_call,
    leadStatuses: query.lead_status,
    minDuration: query.min_duration,
    maxDuration: query.max_duration,
    tags: query.tags,
    q: query.q || undefined,
    sources: query.source,
    mediums: query.medium,
    campaigns: query.campaign,
    keywords: query.keyword,
    contents: query.content,
    landingPages: query.landing_page,
    referrerDomains: query.referrer_domain,
    channels: query.channel,
    devices: query.device,
    landingParams: landingParamsOf(query.landing_param),
  };
}
