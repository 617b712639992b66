// `npm run bench:reports`: what marketers ask of a million calls and ten million visits (BENCH_SESSIONS; a tenth of them
// calls) at 200 sites, the largest of which has 30 %: beside the same question answered from each session by an index on
// (site, time), and by reading whole tables. The database is made on DATABASE_URL's server for this, and dropped after it.

import { everyCall } from '../../server/domain/reports/calls.js';
import { countSpans } from '../../server/domain/reports/count-spans.js';
import { stretchesOf } from '../../server/domain/reports/stretches.js';
import { csvStream } from '../../server/routes/csv.js';
import type { GroupColumn, Grouping } from '../../server/stores/measures.js';
import { createSpanCounts } from '../../server/stores/postgres/count-spans.js';
import { FOR_REPORTS, type Pool } from '../../server/stores/postgres/pool.js';
import { createReportStore } from '../../server/stores/postgres/reports/report-store.js';
import type { CallFilter, Period } from '../../server/stores/reports.js';
import { openDatabase } from '../simulate/database.js';
import { BUSIEST, fill, siteId } from './report-data.js';

const SESSIONS = Number(process.env.BENCH_SESSIONS ?? 10_000_000);
const ROUNDS = 20;
/** Reading everything takes seconds. */
const FEW = 3;
const PER_PAGE = 100;

/** How a question is answered: as the service does; from each session by the index; by reading whole tables. */
const WAYS = {
  ours: { zone: 'UTC', rounds: ROUNDS, settings: [] },
  // Days are counted by the zone's name, so by this one none is.
  index: { zone: 'Etc/UTC', rounds: FEW * 2, settings: [] },
  scan: {
    zone: 'Etc/UTC',
    rounds: FEW,
    settings: ['enable_indexscan', 'enable_indexonlyscan', 'enable_bitmapscan'],
  },
} as const;

type Way = keyof typeof WAYS;

const filterOf = (period: Period): CallFilter => ({
  siteId: siteId(1),
  period,
  minConfidence: null,
  spam: 'without',
});

const grouping = (columns: GroupColumn[], starts: Date[] | null, zone: string): Grouping => ({
  columns,
  starts,
  areDays: true,
  zone,
  model: 'last_touch',
  unique: { days: null, per: 'site' },
});

const YEAR: Period = { from: new Date('2025-12-01T00:00:00Z'), until: BUSIEST.until };
const DAYS = stretchesOf(BUSIEST, 'day', 'UTC').map(({ start }) => start);

const at = (times: number[], share: number): number =>
  times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))] as number;

/** Times in milliseconds, after one that does not count. */
async function timed(rounds: number, ask: () => Promise<unknown>): Promise<{ p50: number; p95: number }> {
  await ask();
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const before = performance.now();
    await ask();
    times.push(performance.now() - before);
  }
  return { p50: at(times, 0.5), p95: at(times, 0.95) };
}

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: Plan[];
}

/** Rows that were read of tables. */
const rowsRead = (plan: Plan): number =>
  (plan['Relation Name']
    ? (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)) * plan['Actual Loops']
    : 0) + (plan.Plans ?? []).reduce((sum, part) => sum + rowsRead(part), 0);

/** Asks on one connection with some plans forbidden; and of the last statement how many rows it read. */
async function ask(
  pool: Pool,
  way: Way,
  question: (store: ReturnType<typeof createReportStore>, zone: string) => Promise<unknown>,
) {
  const client = await pool.connect();
  const { zone, rounds, settings } = WAYS[way];
  try {
    await client.query('set statement_timeout = 0');
    for (const setting of settings) await client.query(`set ${setting} = off`);
    let last: { text: string; values: unknown[] } | null = null;
    const query = (text: string, values: unknown[] = []) => {
      last = { text, values };
      return client.query(text, values);
    };
    const store = createReportStore({ query } as unknown as Pool);
    const times = await timed(rounds, () => question(store, zone));
    const { text, values } = last as unknown as { text: string; values: unknown[] };
    const { rows } = await client.query(`explain (analyze, format json) ${text}`, values);
    return { ...times, rows: Math.round(rowsRead(rows[0]['QUERY PLAN'][0].Plan)) };
  } finally {
    for (const setting of settings) await client.query(`reset ${setting}`);
    client.release();
  }
}

const ms = (value: number): string =>
  value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en');

const told = (way: string, { p50, p95, rows }: Awaited<ReturnType<typeof ask>>): string =>
  `${way} p50 ${ms(p50)} ms, p95 ${ms(p95)} ms, ${rows.toLocaleString('en')} rows`;

async function bench(
  pool: Pool,
  what: string,
  question: (store: ReturnType<typeof createReportStore>, zone: string) => Promise<unknown>,
): Promise<void> {
  const ours = await ask(pool, 'ours', question);
  const index = await ask(pool, 'index', question);
  const scan = await ask(pool, 'scan', question);
  const times = (other: { p50: number }) => `${(other.p50 / ours.p50).toFixed(1)} times`;
  console.log(
    `${what}\n  ${told('ours', ours)}\n  ${told('index', index)}: ${times(index)}\n  ${told('scan', scan)}: ${times(scan)}`,
  );
}

/** The position behind so many calls of the newest. */
async function positionAfter(pool: Pool, calls: number) {
  const { rows } = await pool.query<{ id: string; at: string }>(
    `select id, to_char(started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at
    from calls
    where site_id = $1
      and not spam
    order by started_at desc, id desc
    offset $2
    limit 1`,
    [siteId(1), calls - 1],
  );
  const [found] = rows;
  return found ? { time: found.at, id: found.id } : null;
}

/** An export, read to its end: how long, and by how much memory grows meanwhile. */
async function benchExport(pool: Pool, most: number): Promise<void> {
  const reports = createReportStore(pool);
  const all = { filter: filterOf({ from: new Date('2023-12-01T00:00:00Z'), until: BUSIEST.until }) } as never;
  const columns = [
    'id',
    'start_time',
    'source',
    'medium',
    'campaign',
    'keyword',
    'duration',
    'customer_phone_number',
  ];
  const read = async (amount: number) => {
    let calls = 0;
    async function* some() {
      for await (const call of await everyCall({ reports }, all, null)) {
        if (calls >= amount) return;
        calls += 1;
        yield call;
      }
    }
    let bytes = 0;
    let peak = 0;
    for await (const piece of csvStream(some(), columns)) {
      bytes += (piece as Buffer).length;
      peak = Math.max(peak, process.memoryUsage().rss);
    }
    return { calls, bytes, peak };
  };
  await read(5_000);
  globalThis.gc?.();
  const base = process.memoryUsage().rss;
  const before = performance.now();
  const { calls, bytes, peak } = await read(most);
  const seconds = (performance.now() - before) / 1000;
  console.log(
    `CSV of ${calls.toLocaleString('en')} calls: ${seconds.toFixed(1)} s, ${(bytes / 2 ** 20).toFixed(1)} MB; memory at most ${((peak - base) / 2 ** 20).toFixed(0)} MB over the base of ${(base / 2 ** 20).toFixed(0)} MB`,
  );
}

const database = await openDatabase(process.env.DATABASE_URL, `set synchronous_commit = off; ${FOR_REPORTS}`);
try {
  const { pool } = database;
  let before = performance.now();
  const seconds = () => `${Math.round((performance.now() - before) / 1000)} s`;
  await fill(pool, { sessions: SESSIONS, calls: SESSIONS / 10, sites: 200 });
  console.log(
    `${SESSIONS.toLocaleString('en')} sessions, ${(SESSIONS / 10).toLocaleString('en')} calls, made in ${seconds()}`,
  );
  before = performance.now();
  const spans = await countSpans(createSpanCounts(pool), {
    now: new Date(BUSIEST.until.getTime() + 3_600_000),
  });
  await pool.query('vacuum (analyze) session_counts, call_counts, counted_spans');
  console.log(`${spans.toLocaleString('en')} days and months counted in ${seconds()}`);
  const measure =
    (period: Period, columns: GroupColumn[], starts: Date[] | null) =>
    (store: ReturnType<typeof createReportStore>, zone: string) =>
      store.measure(filterOf(period), grouping(columns, starts, zone));
  await bench(pool, 'busiest month by source', measure(BUSIEST, ['source'], null));
  await bench(pool, 'busiest month by keyword', measure(BUSIEST, ['keyword'], null));
  await bench(pool, 'busiest month by day', measure(BUSIEST, [], DAYS));
  await bench(pool, '12 months by campaign', measure(YEAR, ['campaign'], null));
  const all = filterOf({ from: new Date('2023-12-01T00:00:00Z'), until: BUSIEST.until });
  // Of fewer calls an earlier page.
  const page = Math.min(1000, Math.floor(SESSIONS / 10_000));
  const far = await positionAfter(pool, PER_PAGE * (page - 1));
  await bench(pool, 'calls, page 1', (store) => store.calls(all, { after: null, limit: PER_PAGE }));
  await bench(pool, `calls, page ${page.toLocaleString('en')}`, (store) =>
    store.calls(all, { after: far, limit: PER_PAGE }),
  );
  await benchExport(pool, 100_000);
} finally {
  await database.close();
}
