import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type VerifiedSite, wrongCounts } from '../../../../../scripts/verify/counts.js';
import { countSpans } from '../../../../../server/domain/reports/count-spans.js';
import type { GroupColumn, Measured } from '../../../../../server/stores/measures.js';
import { createSpanCounts } from '../../../../../server/stores/postgres/count-spans.js';
import { createPool } from '../../../../../server/stores/postgres/pool.js';
import { createReportStore } from '../../../../../server/stores/postgres/reports/report-store.js';
import type { CountedSite } from '../../../../../server/stores/span-counts.js';
import { createDatabase, type TestDatabase } from '../../../../support/database.js';
import { addCall, addForm, addSession, addSite, addTracker, at } from './rows.js';

// What was counted by the day and the month is told as if each row had been read.

type Row = Awaited<ReturnType<typeof addSite>>;

const ZONE = 'Europe/Berlin';
/** The last days of September, October with its day of 25 hours, and the first of November. */
const FROM = at('2026-09-26T22:00:00Z');
const UNTIL = at('2026-11-04T23:00:00Z');
const OCTOBER = { from: at('2026-09-30T22:00:00Z'), until: at('2026-10-31T23:00:00Z') };
const NOW = at('2026-11-03T12:00:00Z');
/** As far as days are over. */
const COUNTED_UNTIL = at('2026-11-02T23:00:00Z');

let database: TestDatabase;
let pool: pg.Pool;
let site: Row;
let trackers: Row[];
beforeAll(async () => {
  database = await createDatabase();
  pool = createPool({ connection: { connectionString: database.url }, max: 4, onError: () => {} });
  site = await addSite(pool, { time_zone: ZONE });
  trackers = [await addTracker(pool, site), await addTracker(pool, site)];
  const second = fc.integer({ min: 0, max: (UNTIL.getTime() - FROM.getTime()) / 1000 - 1 });
  const session = fc.record({
    second,
    source: fc.constantFrom('google', 'bing', '(direct)'),
    campaign: fc.constantFrom('winter', null),
    term: fc.constantFrom('boiler', null),
    channel: fc.constantFrom('Paid Search', null),
    device_type: fc.constantFrom('mobile', 'desktop'),
  });
  const call = fc.record({
    second,
    which: fc.integer({ min: 0, max: 119 }),
    tracker: fc.constantFrom(0, 1),
    caller_number: fc.constantFrom('+13015550101', '+13015550102', '+13015550103', '+13015550104', null),
    status: fc.constantFrom('answered', 'answered', 'missed', 'voicemail', 'in_progress'),
    duration: fc.constantFrom(30, 90, null),
    talk_time: fc.constantFrom(20, 70, null),
    confidence: fc.constantFrom(0.3, 0.6, 0.9),
    value: fc.constantFrom(null, 10, 99.95),
    first_call: fc.boolean(),
    lead_status: fc.constantFrom(null, null, 'good_lead', 'not_a_lead'),
    spam: fc.constantFrom(false, false, false, true),
  });
  const when = (seconds: number) => new Date(FROM.getTime() + seconds * 1000);
  const sessions: Row[] = [];
  for (const { second, ...fields } of fc.sample(session, { numRuns: 120, seed: 5 })) {
    sessions.push(await addSession(pool, site, { ...fields, started_at: when(second) }));
  }
  for (const { second, which, tracker, ...fields } of fc.sample(call, { numRuns: 120, seed: 6 })) {
    const started_at = when(second);
    await addCall(pool, trackers[tracker] as Row, sessions[which] ?? null, { ...fields, started_at });
  }
  await addCall(pool, trackers[0] as Row, null, { started_at: FROM });
  const visits = sessions.slice(0, 12);
  for (const [nth, visit] of visits.entries()) {
    const phone = [null, '+1 301 555 0101', '+49 30 901820', '030 901820'][nth % 4];
    await addForm(pool, site, visit, { phone, created_at: visit.started_at });
  }
  await addSession(pool, site, { started_at: FROM });
  await addSession(pool, await addSite(pool, { time_zone: ZONE }), { started_at: FROM });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const KEYS: GroupColumn[] = [
  'source',
  'medium',
  'campaign',
  'keyword',
  'channel',
  'device',
  'weekday',
  'site',
  'tracker',
];
const BY_DAYS = [FROM, at('2026-09-29T22:00:00Z'), at('2026-10-24T22:00:00Z'), at('2026-11-01T23:00:00Z')];
const BY_MONTHS = [FROM, OCTOBER.from, OCTOBER.until];
const BY_HOURS = [FROM, at('2026-10-20T09:00:00Z'), at('2026-10-20T10:00:00Z')];

const asked = fc.record({
  columns: fc.subarray(KEYS, { maxLength: 3 }),
  first: fc.constantFrom(FROM, OCTOBER.from, at('2026-10-03T09:30:00Z')),
  last: fc.constantFrom(UNTIL, OCTOBER.until, at('2026-10-26T05:00:00Z')),
  starts: fc.constantFrom(null, BY_DAYS, BY_MONTHS, BY_HOURS),
  sources: fc.option(fc.constant<string[]>(['google', '(unknown)']), { nil: undefined }),
  keywords: fc.option(fc.constant<string[]>(['', 'boiler']), { nil: undefined }),
  devices: fc.option(fc.constant<string[]>(['mobile']), { nil: undefined }),
  isOfTracker: fc.boolean(),
  minConfidence: fc.constantFrom(null, null, 0.8),
  uniqueDays: fc.constantFrom(null, null, 7),
});

type Asked = typeof asked extends fc.Arbitrary<infer T> ? T : never;

const measured = ({
  columns,
  first,
  last,
  starts,
  isOfTracker,
  uniqueDays,
  ...given
}: Asked): Promise<Measured> =>
  createReportStore(pool).measure(
    {
      siteId: site.id,
      period: { from: first, until: last },
      spam: 'without',
      minConfidence: given.minConfidence,
      ...(isOfTracker && { trackerIds: [(trackers[0] as Row).id] }),
      ...(given.sources && { sources: given.sources }),
      ...(given.keywords && { keywords: given.keywords }),
      ...(given.devices && { devices: given.devices }),
    },
    {
      columns,
      starts: starts && [first, ...starts.filter((start) => start > first)],
      areDays: starts !== BY_HOURS,
      zone: ZONE,
      model: 'last_touch',
      unique: { days: uniqueDays, per: 'site' },
    },
  );

const told = ({ total, groups }: Measured) => [
  JSON.stringify(total),
  ...groups.map((group) => JSON.stringify(group)).sort(),
];

/** The same by hand: after what was counted is forgotten. */
async function agree(numRuns = 6): Promise<void> {
  const questions = fc.sample(asked, { numRuns, seed: 7 });
  const counted = [];
  for (const question of questions) counted.push(told(await measured(question)));
  const client = await pool.connect();
  try {
    await client.query('create temporary table kept as select * from counted_spans');
    await client.query('delete from counted_spans');
    for (const [at, question] of questions.entries())
      expect(told(await measured(question)), JSON.stringify(question)).toEqual(counted[at]);
    await client.query('insert into counted_spans select * from kept');
    await client.query('drop table kept');
  } finally {
    client.release();
  }
}

const count = () => countSpans(createSpanCounts(pool), { now: NOW });

const fieldOf = async (text: string, ...values: unknown[]): Promise<unknown> =>
  Object.values((await pool.query(text, values)).rows[0])[0];

const OF_OCTOBER: Asked = {
  columns: [],
  first: OCTOBER.from,
  last: OCTOBER.until,
  starts: null,
  sources: undefined,
  keywords: undefined,
  devices: undefined,
  isOfTracker: false,
  minConfidence: null,
  uniqueDays: null,
};

test('days and months that are over are counted once, and told as if each row had been read', async () => {
  expect(await count()).toBeGreaterThan(30);
  const units = await pool.query(
    'select unit, count(*) as amount, max(ends_at) as until from counted_spans where site_id = $1 group by 1 order by 1',
    [site.id],
  );
  // Months whose days are all there: from September 1st on nothing was counted.
  expect(units.rows).toEqual([
    { unit: 'day', amount: 37, until: COUNTED_UNTIL },
    { unit: 'month', amount: 1, until: OCTOBER.until },
  ]);
  for (const unit of ['day', 'month']) {
    const [from, until] = unit === 'day' ? [FROM, COUNTED_UNTIL] : [OCTOBER.from, OCTOBER.until];
    for (const [table, condition] of [
      ['session', 'true'],
      ['call', 'not spam'],
    ]) {
      const there = await fieldOf(
        `select count(*) from ${table}s where site_id = $1 and started_at >= $2 and started_at < $3 and ${condition}`,
        site.id,
        from,
        until,
      );
      const { rows } = await pool.query(
        `select detail, sum(${table}s) as counted
        from ${table}_counts
        where site_id = $1 and unit = $2
        group by 1
        order by 1`,
        [site.id, unit],
      );
      expect(rows, `${unit} ${table}`).toEqual(
        ['campaign', 'keyword', 'source'].map((detail) => ({ detail, counted: there })),
      );
    }
  }
  expect(await count()).toBe(0);
  await agree(30);
});

test('they are what reports are read from, and what npm run verify:reports compares', async () => {
  const verified = site as unknown as VerifiedSite;
  const before = (await measured(OF_OCTOBER)).total;
  expect(await wrongCounts(pool, verified)).toEqual([]);
  const change = async (by: number) => {
    for (const [table, column] of [
      ['session_counts', 'sessions'],
      ['call_counts', 'calls'],
    ]) {
      await pool.query(
        `update ${table}
        set ${column} = ${column} + $2
        where site_id = $1 and unit = 'month' and detail = 'source' and source = 'google'`,
        [site.id, by],
      );
    }
  };
  await change(1);
  const after = (await measured(OF_OCTOBER)).total;
  expect(after.sessions).toBeGreaterThan(before.sessions);
  expect(after.calls).toBeGreaterThan(before.calls);
  expect(await wrongCounts(pool, verified)).toEqual([
    expect.stringMatching(
      'session_counts: the month of 2026-09-30T22:00:00.000Z by source: [0-9]+ rows differ',
    ),
    expect.stringMatching('call_counts: the month of 2026-09-30T22:00:00.000Z by source: [0-9]+ rows differ'),
  ]);
  await change(-1);
  expect((await measured(OF_OCTOBER)).total).toEqual(before);
});

test.each([
  ['a session that comes late', () => addSession(pool, site, { started_at: at('2026-10-22T10:00:00Z') })],
  [
    'a call that comes late',
    () => addCall(pool, trackers[0] as Row, null, { started_at: at('2026-10-22T10:00:00Z') }),
  ],
  [
    'another channel',
    () =>
      pool.query("update sessions set channel = 'Email' where site_id = $1 and source = 'bing'", [site.id]),
  ],
  [
    'a value',
    () => pool.query("update calls set value = 77 where site_id = $1 and status = 'answered'", [site.id]),
  ],
  [
    'spam',
    () =>
      pool.query("update calls set spam = not spam where site_id = $1 and caller_number = '+13015550101'", [
        site.id,
      ]),
  ],
  [
    'who is no lead',
    () =>
      pool.query("update calls set lead_status = 'not_a_lead' where site_id = $1 and duration = 90", [
        site.id,
      ]),
  ],
  [
    'another decision',
    () =>
      pool.query("update calls set source = 'bing', confidence = 1 where site_id = $1 and confidence = 0.6", [
        site.id,
      ]),
  ],
  [
    'another number',
    () =>
      pool.query(
        "update calls set caller_number = '+13015550109' where site_id = $1 and caller_number is null",
        [site.id],
      ),
  ],
  [
    'calls that are removed',
    () => pool.query("delete from calls where site_id = $1 and status = 'voicemail'", [site.id]),
  ],
  [
    'sessions that are removed',
    () => pool.query("delete from sessions where site_id = $1 and source = '(direct)'", [site.id]),
  ],
])('%s: told at once, and counted anew', async (_, change) => {
  await change();
  await agree();
  expect(await count()).toBeGreaterThan(0);
  expect(await count()).toBe(0);
  await agree();
});

test('what does not count changes no count', async () => {
  await pool.query("update calls set note = 'called back', tags = '{vip}' where site_id = $1", [site.id]);
  expect(
    await fieldOf('select count(*) from late_hours where site_id = $1 and hour < $2', site.id, COUNTED_UNTIL),
  ).toBe(0);
});

test.each([
  ['time_zone', 'Asia/Kolkata', ZONE],
  ['min_confidence', 0.7, 0.5],
  ['qualified_seconds', 80, 60],
])('another %s of the site is told at once, and counted anew', async (column, other, own) => {
  for (const value of [other, own]) {
    await pool.query(`update sites set ${column} = $2 where id = $1`, [site.id, value]);
    await agree();
    expect(await count()).toBeGreaterThan(30);
    await agree();
  }
});

test('what is missing between is counted', async () => {
  await pool.query('delete from counted_spans where site_id = $1 and starts_at in ($2, $3)', [
    site.id,
    at('2026-10-09T22:00:00Z'),
    OCTOBER.from,
  ]);
  await pool.query('delete from session_counts where site_id = $1 and starts_at in ($2, $3)', [
    site.id,
    at('2026-10-09T22:00:00Z'),
    OCTOBER.from,
  ]);
  await pool.query('delete from call_counts where site_id = $1 and starts_at in ($2, $3)', [
    site.id,
    at('2026-10-09T22:00:00Z'),
    OCTOBER.from,
  ]);
  await agree();
  // Two days, and October.
  expect(await count()).toBe(3);
  await agree();
});

/** A pool on which something happens between the counting of spans and the note that they are counted. */
const interrupted = (work: () => Promise<unknown>): pg.Pool =>
  ({
    query: pool.query.bind(pool),
    connect: async () => {
      const client = await pool.connect();
      return {
        query: async (text: string, values?: unknown[]) => {
          if (text.startsWith('insert into counted_spans')) await work();
          return client.query(text, values);
        },
        release: (error?: Error) => client.release(error),
      };
    },
  }) as unknown as pg.Pool;

test('what is written while it is counted is not lost, though another server forgets meanwhile', async () => {
  const setValues = (value: number) =>
    pool.query(
      `update calls
      set value = $2
      where site_id = $1
        and started_at between '2026-10-10' and '2026-10-20'
        and not spam`,
      [site.id, value],
    );
  let isDone = false;
  const racing = interrupted(async () => {
    // Another time would have counted anew what was lost the first time.
    if (isDone) return;
    isDone = true;
    await setValues(2000);
    await createSpanCounts(pool).forget(site as unknown as CountedSite, NOW);
  });
  await setValues(1000);
  expect((await measured(OF_OCTOBER)).total.value).toBeGreaterThan(1000);
  await countSpans(createSpanCounts(racing), { now: NOW });
  expect(isDone).toBe(true);
  await agree();
  expect(await count()).toBeGreaterThan(0);
  expect(await wrongCounts(pool, site as unknown as VerifiedSite)).toEqual([]);
  await agree();
});
