import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ADDING } from '../../../../../scripts/verify/adding.js';
import { newId } from '../../../../../server/lib/ids.js';
import type { AttributionModel, GroupColumn, Metrics } from '../../../../../server/stores/measures.js';
import { keepTouches } from '../../../../../server/stores/postgres/call-touches.js';
import { createPool } from '../../../../../server/stores/postgres/pool.js';
import { createReportStore } from '../../../../../server/stores/postgres/reports/report-store.js';
import type { CallFilter, ReportStore } from '../../../../../server/stores/reports.js';
import { createDatabase, type TestDatabase } from '../../../../support/database.js';
import { addCall, addSession, addSite, addTouch, addTracker, at } from './rows.js';

// Which touches a call is credited to, and that whatever the model each call counts once in all.

type Row = Awaited<ReturnType<typeof addSite>>;

const MODELS: AttributionModel[] = ['last_touch', 'last_click', 'first_touch', 'linear', 'position_based'];
const CALLED = at('2026-10-20T12:00:00Z');
const DAY_MS = 86_400_000;

let database: TestDatabase;
let pool: pg.Pool;
let store: ReportStore;
beforeAll(async () => {
  database = await createDatabase();
  pool = createPool({ connection: { connectionString: database.url }, max: 4, onError: () => {} });
  store = createReportStore(pool);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** A call of a visitor who came so many days before it, from these sources; as the service stores it. */
async function call(
  site: Row,
  tracker: Row,
  touches: [days: number, source: string][],
  fields = {},
): Promise<void> {
  const visitor_id = newId();
  let session: Row | null = null;
  for (const [days, source] of touches.toSorted(([a], [b]) => b - a)) {
    const started_at = new Date(CALLED.getTime() - days * DAY_MS);
    const medium = source === '(direct)' ? '(none)' : 'cpc';
    session = await addSession(pool, site, {
      visitor_id,
      started_at,
      source,
      medium,
      campaign: `c ${source}`,
    });
    await addTouch(pool, session, started_at, {
      campaign: `c ${source}`,
      landing_page_url: `https://a.example/${source}?x=1`,
    });
  }
  const { id } = await addCall(pool, tracker, session, { started_at: CALLED, value: 10, ...fields });
  await keepTouches(pool, id);
}

async function siteWithTracker(): Promise<[Row, Row]> {
  const site = await addSite(pool, { qualified_seconds: 60 });
  return [site, await addTracker(pool, site, { attribution_days: 30 })];
}

const filterOf = (site: Row): CallFilter => ({
  siteId: site.id,
  period: { from: at('2026-10-20T00:00:00Z'), until: at('2026-10-21T00:00:00Z') },
  minConfidence: null,
  spam: 'without',
});

const measured = (site: Row, model: AttributionModel, columns: GroupColumn[]) =>
  store.measure(filterOf(site), {
    columns,
    starts: null,
    areDays: true,
    zone: 'UTC',
    model,
    unique: { days: null, per: 'site' },
  });

async function bySource(site: Row, model: AttributionModel): Promise<Record<string, number>> {
  const { groups } = await measured(site, model, ['source']);
  return Object.fromEntries(
    groups
      .filter(({ metrics }) => metrics.calls > 0)
      .map(({ keys, metrics }) => [keys.source, metrics.calls]),
  );
}

test('by each model the touches of one visitor', async () => {
  const [site, tracker] = await siteWithTracker();
  await call(site, tracker, [
    [50, 'before the window'],
    [20, 'google'],
    [10, 'facebook'],
    [5, 'newsletter'],
    [1, '(direct)'],
  ]);
  expect(await bySource(site, 'last_touch')).toEqual({ newsletter: 1 });
  expect(await bySource(site, 'last_click')).toEqual({ '(direct)': 1 });
  expect(await bySource(site, 'first_touch')).toEqual({ 'before the window': 1 });
  expect(await bySource(site, 'linear')).toEqual({
    google: 0.25,
    facebook: 0.25,
    newsletter: 0.25,
    '(direct)': 0.25,
  });
  expect(await bySource(site, 'position_based')).toEqual({
    google: 0.4,
    facebook: 0.1,
    newsletter: 0.1,
    '(direct)': 0.4,
  });
  // The list says the same as the report that nobody asked for another model.
  const [listed] = await store.calls(filterOf(site), { after: null, limit: 1 });
  expect(listed?.call).toMatchObject({ source: 'newsletter', campaign: 'c newsletter' });
  const { groups } = await measured(site, 'first_touch', ['campaign', 'landing_page']);
  expect(groups.filter(({ metrics }) => metrics.calls > 0).map(({ keys }) => keys)).toEqual([
    { campaign: 'c before the window', landing_page: 'https://a.example/before the window' },
  ]);
});

test('a direct visitor is direct, two touches share alike, and three make a whole call', async () => {
  const [site, tracker] = await siteWithTracker();
  await call(site, tracker, [[1, '(direct)']]);
  for (const model of MODELS) expect(await bySource(site, model)).toEqual({ '(direct)': 1 });
  const [other, pool2] = await siteWithTracker();
  await call(other, pool2, [
    [3, 'google'],
    [1, 'bing'],
  ]);
  expect(await bySource(other, 'position_based')).toEqual({ google: 0.5, bing: 0.5 });
  const [third, pool3] = await siteWithTracker();
  await call(third, pool3, [
    [3, 'google'],
    [2, 'bing'],
    [1, 'yandex'],
  ]);
  expect(await bySource(third, 'linear')).toEqual({ google: 0.333334, bing: 0.333333, yandex: 0.333333 });
});

test('calls that are credited to nobody, or to a number, count whole', async () => {
  const [site, tracker] = await siteWithTracker();
  await call(site, tracker, [[2, 'google']], { confidence: 0.2 });
  await call(site, tracker, []);
  await addCall(pool, tracker, null, {
    started_at: CALLED,
    source: 'print',
    medium: 'offline',
    method: 'source',
    confidence: 1,
  });
  for (const model of MODELS) expect(await bySource(site, model)).toEqual({ '(unknown)': 2, print: 1 });
});

test('whatever the model, the parts make up whole calls', async () => {
  const [site, tracker] = await siteWithTracker();
  const journeys = fc.record({
    touches: fc.array(
      fc.tuple(fc.integer({ min: 0, max: 60 }), fc.constantFrom('google', 'bing', '(direct)', 'x')),
      { maxLength: 8 },
    ),
    fields: fc.record({
      status: fc.constantFrom('answered', 'missed'),
      confidence: fc.constantFrom(0.2, 0.9),
      first_call: fc.boolean(),
      value: fc.constantFrom(10, 0.25, null),
      spam: fc.boolean(),
    }),
  });
  const sample = fc.sample(journeys, { numRuns: 40, seed: 3 });
  for (const { touches, fields } of sample)
    await call(site, tracker, touches, touches.length > 0 ? fields : { ...fields, confidence: 0 });
  const counted = sample.filter(({ fields }) => !fields.spam);
  for (const model of MODELS) {
    for (const columns of [
      ['source'],
      ['campaign', 'landing_page'],
      ['channel', 'weekday', 'device'],
      ['hour'],
    ] as GroupColumn[][]) {
      const { total, groups } = await measured(site, model, columns);
      expect(total.calls).toBe(counted.length);
      expect(total.value).toBe(counted.reduce((sum, { fields }) => sum + (fields.value ?? 0), 0));
      for (const metric of ADDING) {
        const sum = groups.reduce(
          (before, { metrics }) => before + ((metrics as Metrics)[metric] as number),
          0,
        );
        expect(sum).toBeCloseTo(total[metric] as number, 6);
      }
    }
  }
});
