// `npm run bench:attribution`: how long a decision among 50 candidates takes, and the look-up of candidates on ten million
// leases (BENCH_LEASES): plan and time. The database is made on DATABASE_URL's server for this, and dropped after it.
import { readFileSync } from 'node:fs';
import { decide } from '../../server/domain/attribution/decide.js';
import type { Facts } from '../../server/domain/attribution/facts.js';
import { PRIOR } from '../../server/domain/attribution/time-model.js';
import type { Pool } from '../../server/stores/postgres/pool.js';
import { openDatabase } from '../simulate/database.js';
import { seededRandom } from '../simulate/random.js';

const LEASES = Number(process.env.BENCH_LEASES ?? 10_000_000);
const NUMBERS = 200;
const DECISIONS = 10_000;
const SITE = '00000000-0000-7000-8000-000000000001';
const SQL = new URL('../../server/stores/postgres/sql/', import.meta.url);

const random = seededRandom(1);

function anyFacts(): Facts {
  const age = () => random.exponential(86_400);
  return {
    started_at: '2026-01-05T12:00:00.000Z',
    tracker: { type: 'session', source: null, medium: null, campaign: null },
    leases: Array.from({ length: 50 }, (_, at) => {
      const silent_for = age();
      return {
        lease_id: `lease-${at}`,
        visitor_id: `visitor-${at}`,
        session_id: null,
        shown_for: silent_for + age(),
        silent_for,
        page_open: random.chance(0.1),
        tapped_for: random.chance(0.1) ? random.between(0, 300) : null,
        country: 'US',
      };
    }),
    older: [{ from: 3600, to: 14_400, count: 100 }],
    code: null,
    redial: {
      call_id: 'call',
      visitor_id: 'visitor-3',
      session_id: null,
      confidence: 0.6,
      same_number: true,
      others: [{ visitor_id: 'visitor-7', probability: 0.2 }],
    },
    caller_country: 'US',
    model: PRIOR,
  };
}

function benchDecision(): void {
  const facts = Array.from({ length: 200 }, anyFacts);
  const once = (at: number) => decide(facts[at % facts.length] as Facts);
  for (let at = 0; at < DECISIONS / 5; at += 1) once(at);
  const times = Array.from({ length: DECISIONS }, (_, at) => {
    const before = performance.now();
    once(at);
    return (performance.now() - before) * 1000;
  }).sort((a, b) => a - b);
  const at = (share: number) => (times[Math.floor(times.length * share)] as number).toFixed(0);
  console.log(`a decision among 50 candidates: median ${at(0.5)} µs, p99 ${at(0.99)} µs of ${DECISIONS}`);
}

/** Leases of 200 numbers in turn over 30 days, each of a visitor of its own; in pieces, past the booking trigger. */
async function fill(pool: Pool): Promise<void> {
  const client = await pool.connect();
  await client.query('set statement_timeout = 0');
  await client.query('alter table leases disable trigger take_number');
  await client.query('alter table leases set (autovacuum_enabled = off)');
  const id = (of: string) => `('00000000-0000-7000-${of}-' || lpad(to_hex(n), 12, '0'))::uuid`;
  const piece = 500_000;
  for (let from = 0; from < LEASES; from += piece) {
    const range = [from, Math.min(from + piece, LEASES) - 1];
    await client.query(
      `insert into visitors (id, site_id, first_seen_at)
      select ${id('a000')}, '${SITE}', now()
      from generate_series($1::int, $2::int) as n`,
      range,
    );
    await client.query(
      `insert into leases (
        id, site_id, tracker_id, number, visitor_id, assignment, leased_at, last_seen_at, promised_until, reserved_until,
        ended_at, end_reason
      )
      select ${id('b000')}, '${SITE}', '${SITE}', '+999' || lpad((n % ${NUMBERS})::text, 8, '0'), ${id('a000')},
        'elastic', at, at + interval '2 min', at + interval '7 min', at + interval '32 min', at + interval '32 min',
        'expired'
      from generate_series($1::int, $2::int) as n
      cross join lateral (select now() - interval '30 days' * (1 - n::float8 / ${LEASES}) as at) as clock`,
      range,
    );
  }
  await client.query('vacuum (analyze) leases, visitors');
  client.release();
}

/** The plan, how long it took, and that it went by an index. */
async function explain(pool: Pool, file: string, values: unknown[]): Promise<void> {
  const query = readFileSync(new URL(file, SQL), 'utf8');
  // Once before, so that it is measured with its pages read, as those of a number in use are.
  const { rows: found } = await pool.query(query, values);
  const { rows } = await pool.query<{ 'QUERY PLAN': string }>(`explain (analyze, buffers) ${query}`, values);
  const plan = rows.map((row) => row['QUERY PLAN']);
  console.log(`\n${file}: ${found.length} rows\n${plan.join('\n')}`);
  if (plan.some((line) => /Seq Scan on (leases|visitors)/.test(line)))
    throw new Error(`${file} reads a whole table`);
}

async function benchLookUp(): Promise<void> {
  const database = await openDatabase(process.env.DATABASE_URL);
  try {
    const before = performance.now();
    await fill(database.pool);
    const seconds = Math.round((performance.now() - before) / 1000);
    console.log(`${LEASES} leases of ${NUMBERS} numbers, made in ${seconds} s`);
    const start = new Date();
    const number = '+99900000007';
    await explain(database.pool, 'candidates.sql', [SITE, number, start, 30, []]);
    const newest = (50 * NUMBERS * 30 * 86_400) / LEASES;
    const ages = [0, 3600, 14_400, 43_200, 86_400, 172_800, 345_600, 691_200, 1_382_400];
    await explain(database.pool, 'older-leases.sql', [SITE, number, start, 30, newest, ages]);
  } finally {
    await database.close();
  }
}

benchDecision();
await benchLookUp();
