import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADDING } from '../../../../../scripts/verify/adding.js';
import type { GroupColumn, Grouping, Metrics } from '../../../../../server/stores/measures.js';
import { createPool } from '../../../../../server/stores/postgres/pool.js';
import { createReportStore } from '../../../../../server/stores/postgres/reports/report-store.js';
import type {
  CallFilter,
  ListPosition,
  ReportedCall,
  ReportStore,
} from '../../../../../server/stores/reports.js';
import { createDatabase, type TestDatabase } from '../../../../support/database.js';
import { addCall, addCost, addForm, addSession, addSite, addTracker, at } from './rows.js';

// Whatever is asked, a report says what one would find by reading the list of calls and counting.

type Row = Awaited<ReturnType<typeof addSite>>;

const QUALIFIED = 60;
const FROM = at('2026-10-01T00:00:00Z');
const UNTIL = at('2026-10-11T00:00:00Z');
const DAY_MS = 86_400_000;
const DAYS = Array.from({ length: 10 }, (_, day) => new Date(FROM.getTime() + day * DAY_MS));

let database: TestDatabase;
let pool: pg.Pool;
let store: ReportStore;
let sites: Row[];
let trackers: Row[];
let sessions: Row[];
let costs: AnyCost[];

/** Any moment of the ten days, to the microsecond, some of them shared by several calls. */
const moment = fc.oneof(
  fc.integer({ min: 0, max: 10 * 86_400 - 1 }).map((second) => stamp(second, '000000')),
  fc.integer({ min: 0, max: 40 }).map((microsecond) => stamp(3_600, String(microsecond).padStart(6, '0'))),
);
const stamp = (second: number, micro: string) =>
  new Date(FROM.getTime() + second * 1000).toISOString().replace('000Z', `${micro}Z`);

const SOURCES = ['google', 'bing', '(direct)', "o'hara \\ co", '(unknown)'];
const NUMBERS = ['+13015550101', '+13015550102', '+13015550103', '+442079460018'];

const anySession = fc.record({
  site: fc.nat(1),
  started_at: moment,
  source: fc.constantFrom(...SOURCES),
  medium: fc.constantFrom('cpc', 'organic'),
  campaign: fc.constantFrom('winter', 'summer', null),
  term: fc.constantFrom('boiler', 'leak', null),
  channel: fc.constantFrom('Paid Search', 'Email', null),
  device_type: fc.constantFrom('mobile', 'desktop', 'tablet'),
  content: fc.constantFrom('ad 1', null),
  landing_page: fc.constantFrom('https://a.example/', 'https://a.example/b'),
  landing_params: fc.constantFrom<Record<string, string>>(
    {},
    { matchtype: 'e', adposition: '' },
    { matchtype: 'p' },
    { adposition: '1t2', "o'hara \\": 'x' },
  ),
});

const anyCall = fc.record({
  session: fc.option(fc.nat(), { nil: null }),
  tracker: fc.nat(2),
  fields: fc.record({
    started_at: moment,
    caller_number: fc.constantFrom(...NUMBERS, null),
    caller_name: fc.constantFrom('ANNE', null),
    customer_name: fc.constantFrom('Ben 100%', null),
    status: fc.constantFrom('in_progress', 'answered', 'missed', 'busy', 'failed', 'voicemail'),
    duration: fc.option(fc.integer({ min: 0, max: 120 }), { nil: null }),
    talk_time: fc.option(fc.integer({ min: 0, max: 120 }), { nil: null }),
    confidence: fc.constantFrom(0.2, 0.4, 0.5, 0.9),
    first_call: fc.boolean(),
    lead_status: fc.constantFrom('good_lead', 'not_a_lead', 'not_scored', null),
    tags: fc.subarray(['vip', 'late', 'a_b']),
    note: fc.constantFrom('rang twice', null),
    value: fc.constantFrom(10, 0.25, null),
    spam: fc.oneof({ arbitrary: fc.constant(false), weight: 5 }, { arbitrary: fc.constant(true), weight: 1 }),
  }),
});

/** '' for none, as costs are stored; of their channel null. */
const anyCost = fc.record({
  site: fc.nat(1),
  day: fc.nat(9),
  source: fc.constantFrom(...SOURCES),
  medium: fc.constantFrom('cpc', 'organic', ''),
  campaign: fc.constantFrom('winter', 'summer', ''),
  keyword: fc.constantFrom('boiler', 'leak', ''),
  channel: fc.constantFrom('Paid Search', 'Email', null),
  cost: fc.integer({ min: 0, max: 400 }).map((quarters) => quarters / 4),
  clicks: fc.option(fc.nat(9), { nil: null }),
  impressions: fc.option(fc.nat(99), { nil: null }),
});
type AnyCost = typeof anyCost extends fc.Arbitrary<infer Cost> ? Cost : never;

beforeAll(async () => {
  database = await createDatabase();
  pool = createPool({ connection: { connectionString: database.url }, max: 4, onError: () => {} });
  store = createReportStore(pool);
  sites = [
    await addSite(pool, { qualified_seconds: QUALIFIED }),
    await addSite(pool, { qualified_seconds: QUALIFIED, min_confidence: 0.3 }),
  ];
  const [one, two] = sites as [Row, Row];
  trackers = [await addTracker(pool, one), await addTracker(pool, one), await addTracker(pool, two)];
  sessions = [];
  for (const { site, ...fields } of fc.sample(anySession, { numRuns: 60, seed: 1 })) {
    sessions.push(await addSession(pool, sites[site] as Row, fields));
  }
  for (const { session, tracker, fields } of fc.sample(anyCall, { numRuns: 250, seed: 2 })) {
    const of = trackers[tracker] as Row;
    const own = sessions.filter((visit) => visit.site_id === of.site_id);
    const named = session === null ? null : (own[session % own.length] ?? null);
    await addCall(pool, of, named, named ? fields : { ...fields, confidence: 0 });
  }
  for (const session of sessions.slice(0, 10)) {
    await addForm(pool, { id: session.site_id as string }, session, { created_at: session.started_at });
  }
  const key = ({ site, day, source, medium, campaign, keyword }: AnyCost) =>
    [site, day, source, medium, campaign, keyword].join();
  costs = fc
    .sample(fc.uniqueArray(anyCost, { selector: key, minLength: 80, maxLength: 80 }), { numRuns: 1, seed: 3 })
    .flat();
  for (const { site, day, ...fields } of costs)
    await addCost(pool, sites[site] as Row, { ...fields, day: DAYS[day]?.toISOString() });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const some = (values: string[]) =>
  fc.option(fc.subarray(values, { minLength: 1 }), { nil: undefined, freq: 1 });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 1 });

/** Filters with few conditions each, so that most of them find something. */
const filters: fc.Arbitrary<CallFilter> = fc
  .record({
    site: fc.option(fc.nat(1), { nil: null }),
    first: fc.nat(9),
    days: fc.integer({ min: 1, max: 10 }),
    minConfidence: fc.constantFrom(null, 0, 0.4, 0.95),
    spam: fc.constantFrom<CallFilter['spam']>('without', 'with', 'only'),
    conditions: fc
      .record({
        statuses: some(['in_progress', 'answered', 'missed', 'busy', 'failed', 'voicemail']),
        answered: maybe(fc.boolean()),
        firstCall: maybe(fc.boolean()),
        leadStatuses: some(['good_lead', 'not_a_lead', 'not_scored']),
        minDuration: maybe(fc.nat(60)),
        maxDuration: maybe(fc.integer({ min: 50, max: 120 })),
        tags: some(['vip', 'late', 'a_b', 'none']),
        q: maybe(
          fc.constantFrom('ben', 'ann', '100%', 'a_b', 'RANG', '301 555-0101', '020 7946', '%', '_', "'"),
        ),
        sources: some(SOURCES),
        mediums: some(['cpc', 'organic', '']),
        campaigns: some(['winter', 'summer', '']),
        keywords: some(['boiler', '']),
        contents: some(['ad 1', '']),
        landingParams: maybe(
          fc.uniqueArray(
            fc.record({
              name: fc.constantFrom('matchtype', 'adposition', "o'hara \\"),
              values: fc.option(fc.subarray(['e', 'p', 'x', '1t2'], { minLength: 1 }), { nil: null }),
            }),
            { selector: ({ name }) => name, minLength: 1, maxLength: 2 },
          ),
        ),
        channels: some(['Paid Search', 'Email', '']),
        devices: some(['mobile', 'desktop']),
      })
      .chain((all) =>
        fc
          .subarray(Object.keys(all) as (keyof typeof all)[], { maxLength: 3 })
          .map((names) => Object.fromEntries(names.map((name) => [name, all[name]]))),
      ),
  })
  .map(({ site, first, days, minConfidence, spam, conditions }) => ({
    siteId: site === null ? null : ((sites[site] as Row).id as string),
    period: {
      from: DAYS[first] as Date,
      until: new Date((DAYS[first] as Date).getTime() + days * DAY_MS),
    },
    minConfidence,
    spam,
    ...conditions,
  }));

/** Every call that a filter finds, page by page. */
async function listed(filter: CallFilter, limit = 1_000): Promise<ReportedCall[]> {
  const calls: ReportedCall[] = [];
  for (let after: ListPosition | null = null; ; ) {
    const page = await store.calls(filter, { after, limit });
    calls.push(...page.map(({ call }) => call));
    if (page.length < limit) return calls;
    after = page.at(-1)?.position ?? null;
  }
}

const among = (values: string[] | undefined, value: string | null) =>
  values === undefined || values.includes(value ?? '');

const hasLandedWith = (params: Record<string, string>, { landingParams = [] }: CallFilter) =>
  landingParams.every(
    ({ name, values }) => name in params && (values?.includes(params[name] as string) ?? true),
  );

/** Whether a call fits, by its fields as the API shows them. */
function fits(call: ReportedCall, filter: CallFilter): boolean {
  const time = call.start_time.getTime();
  const texts = [call.customer_name, call.note, ...call.tags].map((text) => (text ?? '').toLowerCase());
  const numbers = [call.customer_phone_number ?? '', call.tracking_phone_number];
  const digits =
    filter.q && /^[\d\s+().\-/]+$/.test(filter.q) ? filter.q.replace(/\D/g, '').replace(/^0/, '') : null;
  const { q, minDuration, maxDuration } = filter;
  return (
    (filter.siteId === null || call.site_id === filter.siteId) &&
    time >= filter.period.from.getTime() &&
    time < filter.period.until.getTime() &&
    (filter.spam === 'with' || call.spam === (filter.spam === 'only')) &&
    among(filter.statuses, call.status) &&
    (filter.answered === undefined || call.answered === filter.answered) &&
    (filter.firstCall === undefined || call.first_call === filter.firstCall) &&
    among(filter.leadStatuses, call.lead_status ?? 'not_scored') &&
    (minDuration === undefined || (call.duration !== null && call.duration >= minDuration)) &&
    (maxDuration === undefined || (call.duration !== null && call.duration <= maxDuration)) &&
    (filter.tags === undefined || call.tags.some((tag) => filter.tags?.includes(tag))) &&
    (q === undefined ||
      texts.some((text) => text.includes(q.toLowerCase())) ||
      numbers.some((number) => number.includes(digits ?? q))) &&
    among(filter.sources, call.source) &&
    among(filter.mediums, call.medium) &&
    among(filter.campaigns, call.campaign) &&
    among(filter.keywords, call.keyword) &&
    among(filter.contents, call.content) &&
    hasLandedWith(call.landing_params ?? {}, filter) &&
    among(filter.channels, call.channel) &&
    among(filter.devices, call.device_type)
  );
}

/** Whether a cost fits, whose day begins at midnight in UTC. */
function costFits(cost: AnyCost, { siteId, period, ...filter }: CallFilter): boolean {
  const day = DAYS[cost.day] as Date;
  return (
    (siteId === null || (sites[cost.site] as Row).id === siteId) &&
    day >= period.from &&
    day < period.until &&
    among(filter.sources, cost.source) &&
    among(filter.mediums, cost.medium) &&
    among(filter.campaigns, cost.campaign) &&
    among(filter.keywords, cost.keyword) &&
    among(filter.channels, cost.channel)
  );
}

/** What calls add up to, counted one by one; sessions and leads need more than calls and are left out. */
function counted(calls: ReportedCall[]): Partial<Metrics> {
  const count = (which: (call: ReportedCall) => boolean) => calls.filter(which).length;
  const lengths = calls.flatMap(({ duration }) => (duration === null ? [] : [duration]));
  const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  const callers = calls.map((call) => `${call.site_id} ${call.customer_phone_number ?? call.id}`);
  return {
    calls: calls.length,
    unique_calls: new Set(callers).size,
    answered_calls: count(({ answered }) => answered),
    missed_calls: count(({ answered, status }) => !answered && status !== 'in_progress'),
    first_time_callers: count(({ first_call }) => first_call),
    qualified_calls: count((call) => call.answered && (call.talk_time ?? call.duration ?? -1) >= QUALIFIED),
    // A visit may itself come from a source of that name; of those a confidence and a medium are told.
    unknown_calls: count(({ source, medium }) => source === '(unknown)' && medium === null),
    average_duration: lengths.length > 0 ? Number(mean.toFixed(1)) : null,
    value: calls.reduce((sum, call) => sum + (call.value ?? 0), 0),
  };
}

const by = (columns: GroupColumn[], more: Partial<Grouping> = {}): Grouping => ({
  columns,
  starts: null,
  areDays: true,
  zone: 'UTC',
  model: 'last_touch',
  unique: { days: null, per: 'site' },
  ...more,
});

const GROUPS: GroupColumn[] = ['source', 'medium', 'campaign', 'keyword'];
const everything = (minConfidence: number | null): CallFilter => ({
  siteId: null,
  period: { from: FROM, until: new Date(UNTIL.getTime() + 10 * DAY_MS) },
  minConfidence,
  spam: 'with',
});

const counting = (expected: Partial<Metrics>) => ({
  ...expected,
  average_duration:
    expected.average_duration === null ? null : expect.closeTo(expected.average_duration as number, 0),
});

describe('any filter', () => {
  test('finds the calls whose fields fit it', async () => {
    await fc.assert(
      fc.asyncProperty(filters, async (filter) => {
        const all = await listed(everything(filter.minConfidence));
        const ids = (calls: ReportedCall[]) => calls.map(({ id }) => id);
        expect(ids(await listed(filter))).toEqual(ids(all.filter((call) => fits(call, filter))));
      }),
      { numRuns: 80 },
    );
  });

  test('is summed up as its list is counted, in all and by group', async () => {
    await fc.assert(
      fc.asyncProperty(filters, fc.subarray(GROUPS, { minLength: 1 }), async (filter, columns) => {
        const calls = await listed(filter);
        const { total, groups } = await store.measure(filter, by(columns));
        expect(total).toMatchObject(counting(counted(calls)));
        for (const { keys, metrics } of groups) {
          const own = calls.filter((call) =>
            columns.every((column) => call[column as 'source'] === keys[column]),
          );
          expect(metrics).toMatchObject(counting(counted(own)));
        }
      }),
      { numRuns: 60 },
    );
  });

  test('has parts that make up the whole, by group and by time', async () => {
    await fc.assert(
      fc.asyncProperty(
        filters,
        fc.subarray([...GROUPS, 'landing_page'] as GroupColumn[]),
        async (filter, columns) => {
          const starts = DAYS.filter((day) => day >= filter.period.from && day < filter.period.until);
          const { total, groups } = await store.measure(filter, by(columns, { starts }));
          for (const metric of ADDING) {
            const sum = groups.reduce((before, { metrics }) => before + (metrics[metric] ?? 0), 0);
            expect({ metric, sum }).toEqual({ metric, sum: total[metric] });
          }
          expect(new Set(groups.map(({ keys, stretch }) => JSON.stringify([keys, stretch]))).size).toBe(
            groups.length,
          );
          // A person is in at least one group, and may be in several.
          const leads = groups.map(({ metrics }) => metrics.leads);
          expect(total.leads).toBeLessThanOrEqual(leads.reduce((sum, count) => sum + count, 0));
          expect(total.leads).toBeGreaterThanOrEqual(Math.max(0, ...leads));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('tells the costs that fit it, in all and by group', async () => {
    const keys = ['source', 'medium', 'campaign', 'keyword', 'channel'] as const;
    const sum = (amounts: (number | null)[]) =>
      amounts.reduce<number>((before, one) => before + (one ?? 0), 0);
    const spent = (of: AnyCost[]) => ({
      cost: sum(of.map(({ cost }) => cost)),
      clicks: sum(of.map(({ clicks }) => clicks)),
      impressions: sum(of.map(({ impressions }) => impressions)),
    });
    await fc.assert(
      fc.asyncProperty(
        filters,
        fc.subarray([...keys], { minLength: 1 }),
        // Costs are not told by the rest.
        async ({ contents, landingParams, devices, ...filter }, columns) => {
          const fitting = costs.filter((cost) => costFits(cost, filter));
          const { total, groups } = await store.measure(filter, by(columns));
          expect(total).toMatchObject(spent(fitting));
          for (const group of groups) {
            const own = fitting.filter((cost) =>
              columns.every((column) => (cost[column] || null) === group.keys[column]),
            );
            expect(group.metrics).toMatchObject(spent(own));
          }
          expect(sum(groups.map(({ metrics }) => metrics.cost))).toBe(total.cost);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('counts the visits that fit it', async () => {
    const { total } = await store.measure(everything(null), by(['source']));
    expect(total.sessions).toBe(sessions.length);
    const visits = async (filter: Partial<CallFilter>) => {
      const all = { ...everything(null), ...filter };
      return (await store.measure(all, by(['source']))).total.sessions;
    };
    const count = (which: (session: Row) => boolean) => sessions.filter(which).length;
    expect(await visits({ sources: ['google'] })).toBe(count(({ source }) => source === 'google'));
    const exact = { name: 'matchtype', values: ['e'] };
    expect(await visits({ landingParams: [exact] })).toBe(
      count(({ landing_params }) => (landing_params as Record<string, string>).matchtype === 'e'),
    );
    const placed = { name: 'adposition', values: null };
    expect(await visits({ landingParams: [placed], landingPages: ['https://a.example/b'] })).toBe(
      count(
        ({ landing_params, landing_page }) =>
          'adposition' in (landing_params as object) && landing_page === 'https://a.example/b',
      ),
    );
  });
});

describe('paging', () => {
  test('yields each call once, in order, whatever the size of the pages', async () => {
    const all = (await listed(everything(null))).map(({ id }) => id);
    expect(all).toHaveLength(250);
    for (const limit of [1, 2, 7, 100]) {
      expect((await listed(everything(null), limit)).map(({ id }) => id)).toEqual(all);
    }
  });
});
