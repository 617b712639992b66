import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countSessions } from '../../../../../server/domain/reports/count-sessions.js';
import type { GroupColumn, Measured } from '../../../../../server/stores/measures.js';
import { dayCounts } from '../../../../../server/stores/postgres/count-days.js';
import { createPool } from '../../../../../server/stores/postgres/pool.js';
import { createReportStore } from '../../../../../server/stores/postgres/reports/report-store.js';
import type { CallFilter } from '../../../../../server/stores/reports.js';
import { createDatabase, type TestDatabase } from '../../../../support/database.js';
import { addSession, addSite, at } from './rows.js';

// Sessions that were counted by the day are told as if each had been read.

type Row = Awaited<ReturnType<typeof addSite>>;

const ZONE = 'Europe/Berlin';
/** Of the autumn days one has 25 hours. */
const FROM = at('2026-10-19T22:00:00Z');
const UNTIL = at('2026-10-31T23:00:00Z');
const NOW = at('2026-10-30T12:00:00Z');

let database: TestDatabase;
let pool: pg.Pool;
let site: Row;
beforeAll(async () => {
  database = await createDatabase();
  pool = createPool({ connection: { connectionString: database.url }, max: 4, onError: () => {} });
  site = await addSite(pool, { time_zone: ZONE });
  const session = fc.record({
    second: fc.integer({ min: 0, max: (UNTIL.getTime() - FROM.getTime()) / 1000 - 1 }),
    source: fc.constantFrom('google', 'bing', '(direct)'),
    campaign: fc.constantFrom('winter', null),
    term: fc.constantFrom('boiler', null),
    channel: fc.constantFrom('Paid Search', null),
    device_type: fc.constantFrom('mobile', 'desktop'),
  });
  for (const { second, ...fields } of fc.sample(session, { numRuns: 150, seed: 5 })) {
    await addSession(pool, site, { ...fields, started_at: new Date(FROM.getTime() + second * 1000) });
  }
  await addSession(pool, site, { started_at: FROM });
  await addSession(pool, await addSite(pool, { time_zone: ZONE }), { started_at: FROM });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const KEYS: GroupColumn[] = ['source', 'campaign', 'keyword', 'channel', 'device', 'weekday', 'site'];

const asked = fc.record({
  columns: fc.subarray(KEYS, { maxLength: 3 }),
  first: fc.constantFrom(FROM, at('2026-10-21T22:00:00Z'), at('2026-10-22T09:30:00Z')),
  last: fc.constantFrom(UNTIL, at('2026-10-27T23:00:00Z'), at('2026-10-26T05:00:00Z')),
  sources: fc.option(fc.constant<string[]>(['google']), { nil: undefined }),
  keywords: fc.option(fc.constant<string[]>(['', 'boiler']), { nil: undefined }),
});

type Asked = typeof asked extends fc.Arbitrary<infer T> ? T : never;

/** By the clocks of a zone: UTC has nothing counted, so each session is read. */
const measured = ({ columns, first, last, sources, keywords }: Asked, zone: string): Promise<Measured> => {
  const filter: CallFilter = {
    siteId: site.id,
    period: { from: first, until: last },
    minConfidence: null,
    spam: 'without',
  };
  return createReportStore(pool).measure(
    { ...filter, ...(sources && { sources }), ...(keywords && { keywords }) },
    {
      columns,
      starts: [first, at('2026-10-24T22:00:00Z')],
      areDays: true,
      zone,
      model: 'last_touch',
      unique: { days: null, per: 'site' },
    },
  );
};

const inOrder = ({ groups }: Measured) =>
  groups.map(({ keys, stretch, metrics }) => JSON.stringify([keys, stretch, metrics.sessions])).sort();

/** The same by hand: by the same clocks, after what was counted is forgotten. */
async function agree(): Promise<void> {
  const questions = fc.sample(asked, { numRuns: 12, seed: 7 });
  const counted = [];
  for (const question of questions) counted.push(inOrder(await measured(question, ZONE)));
  const client = await pool.connect();
  try {
    await client.query('create temporary table kept as select * from counted_days');
    await client.query('delete from counted_days');
    for (const [at, question] of questions.entries())
      expect(inOrder(await measured(question, ZONE))).toEqual(counted[at]);
    await client.query('insert into counted_days select * from kept');
    await client.query('drop table kept');
  } finally {
    client.release();
  }
}

const daysCounted = async () =>
  (await pool.query('select count(*) as days from counted_days where site_id = $1', [site.id])).rows[0].days;
const rowsCounted = async () =>
  (
    await pool.query(
      'select sum(sessions) as sessions from session_days where site_id = $1 and not by_keyword',
      [site.id],
    )
  ).rows[0].sessions;

test('all days that are over are counted once, and told as if each session had been read', async () => {
  expect(await countSessions(dayCounts(pool), NOW)).toBeGreaterThanOrEqual(10);
  // Up to the 29th, and the day before the first session.
  expect(await daysCounted()).toBe(11);
  const { rows } = await pool.query(
    'select count(*) as amount from sessions where site_id = $1 and started_at < $2',
    [site.id, at('2026-10-29T23:00:00Z')],
  );
  expect(await rowsCounted()).toBe(rows[0].amount);
  expect(await countSessions(dayCounts(pool), NOW)).toBe(0);
  await agree();
});

test('what is written, changed or removed late is told at once, and counted anew', async () => {
  const late = await addSession(pool, site, { source: 'late', started_at: at('2026-10-22T10:00:00Z') });
  await agree();
  await pool.query(
    "update sessions set channel = 'Email' where site_id = $1 and source = 'bing' and started_at < $2",
    [site.id, at('2026-10-23T00:00:00Z')],
  );
  await agree();
  expect(await countSessions(dayCounts(pool), NOW)).toBeGreaterThan(0);
  await agree();
  await pool.query('delete from sessions where id = $1', [late.id]);
  await agree();
  expect(await countSessions(dayCounts(pool), NOW)).toBe(1);
  await agree();
  expect(
    (
      await pool.query('select from late_sessions where site_id = $1 and hour < $2', [
        site.id,
        at('2026-10-29T23:00:00Z'),
      ])
    ).rows,
  ).toEqual([]);
});

test('a site that moves to another zone is counted anew', async () => {
  await pool.query("update sites set time_zone = 'Asia/Kolkata' where id = $1", [site.id]);
  await countSessions(dayCounts(pool), NOW);
  const { rows } = await pool.query('select distinct zone from counted_days where site_id = $1', [site.id]);
  expect(rows).toEqual([{ zone: 'Asia/Kolkata' }]);
  await agree();
  await pool.query('update sites set time_zone = $2 where id = $1', [site.id, ZONE]);
  await countSessions(dayCounts(pool), NOW);
  await agree();
});
