import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../../../server/lib/ids.js';
import { createPool, type Pool } from '../../../../server/stores/postgres/pool.js';
import { createDatabase, type TestDatabase } from '../../../support/database.js';
import { fictionalNumbers } from '../../../support/fictional-numbers.js';

// What the trigger of migrations/0003_leases.sql refuses, whoever writes to the table.

let database: TestDatabase;
let pool: Pool;
let used = 0;
let site: string;
let tracker: string;
let number: string;

beforeAll(async () => {
  database = await createDatabase();
  pool = createPool({ connection: { connectionString: database.url }, max: 5, onError: () => {} });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});
beforeEach(async () => {
  [site, tracker] = [newId(), newId()];
  number = await addNumber();
});

async function addNumber(to = tracker): Promise<string> {
  const [added = ''] = fictionalNumbers(1, used++);
  await pool.query(
    `insert into numbers (number, site_id, tracker_id, created_at, last_seen_at, promised_until, reserved_until)
    values ($1, $2, $3, clock_timestamp(), '-infinity', '-infinity', '-infinity')`,
    [added, site, to],
  );
  return added;
}

interface Attempt {
  id?: string;
  visitor: string;
  /** Seconds of a clock that begins with the year 2040. */
  at: number;
  number?: string;
  tracker?: string;
  assignment?: 'exclusive' | 'elastic';
}

const time = (seconds: number) => new Date(Date.UTC(2040, 0, 1) + seconds * 1000);

/** Tries to write a lease; whether it was taken. */
async function take(attempt: Attempt, db: Pick<pg.Pool, 'query'> = pool): Promise<boolean> {
  const { id = newId(), visitor, at, assignment = 'elastic' } = attempt;
  const { rowCount } = await db.query(
    `insert into leases (
      id, site_id, tracker_id, number, visitor_id, assignment, leased_at, last_seen_at, promised_until, reserved_until
    )
    values ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9)`,
    [
      id,
      site,
      attempt.tracker ?? tracker,
      attempt.number ?? number,
      visitor,
      assignment,
      time(at),
      time(at + 300),
      time(at + 1800),
    ],
  );
  return rowCount === 1;
}

const leases = async () =>
  (
    await pool.query(
      'select visitor_id, leased_at, ended_at, end_reason from leases where number = $1 order by leased_at, id',
      [number],
    )
  ).rows;

describe('a lease is refused', () => {
  it.each([
    { at: 0, assignment: 'exclusive' as const },
    { at: 299, assignment: 'exclusive' as const },
    { at: 299, assignment: 'elastic' as const },
    { at: 1799, assignment: 'exclusive' as const },
    // The time of the attempt lies before the lease that is there.
    { at: -10, assignment: 'elastic' as const },
  ])('while another visitor is promised the number: $assignment after $at s', async ({ at, assignment }) => {
    const holder = newId();
    expect(await take({ visitor: holder, at: 0 })).toBe(true);
    expect(await take({ visitor: newId(), at, assignment })).toBe(false);
    expect(await leases()).toMatchObject([{ visitor_id: holder, ended_at: null }]);
  });

  it('for a visitor who holds another number of the tracker', async () => {
    const visitor = newId();
    const other = await addNumber();
    await take({ visitor, at: 0 });
    expect(await take({ visitor, at: 1799, number: other })).toBe(false);
    expect(await take({ visitor, at: 1800, number: other })).toBe(true);
  });

  it('on a number that is retired, unknown or of another tracker', async () => {
    const visitor = newId();
    expect(await take({ visitor, at: 0, tracker: newId() })).toBe(false);
    expect(await take({ visitor, at: 0, number: '+12025550199' })).toBe(false);
    await pool.query('update numbers set retired_at = clock_timestamp() where number = $1', [number]);
    expect(await take({ visitor, at: 0 })).toBe(false);
    expect(await leases()).toEqual([]);
  });
});

describe('a lease is taken', () => {
  it('after the promise where the pool is short: the one before is reclaimed at that moment', async () => {
    await take({ visitor: newId(), at: 0 });
    expect(await take({ visitor: newId(), at: 300, assignment: 'elastic' })).toBe(true);
    expect(await leases()).toMatchObject([
      { end_reason: 'reclaimed', ended_at: time(300) },
      { ended_at: null },
    ]);
  });

  it('after the reservation: the one before expired when it ran out', async () => {
    await take({ visitor: newId(), at: 0 });
    expect(await take({ visitor: newId(), at: 9000, assignment: 'exclusive' })).toBe(true);
    expect(await leases()).toMatchObject([
      { end_reason: 'expired', ended_at: time(1800) },
      { ended_at: null },
    ]);
  });

  it('by the last holder who comes back, without a wait after the lease was over', async () => {
    const visitor = newId();
    await take({ visitor, at: 0 });
    expect(await take({ visitor, at: 1800, assignment: 'exclusive' })).toBe(true);
    expect(await leases()).toMatchObject([
      { end_reason: 'expired', ended_at: time(1800) },
      { ended_at: null },
    ]);
  });

  it('for one visitor in each of two trackers', async () => {
    const visitor = newId();
    const elsewhere = newId();
    const other = await addNumber(elsewhere);
    expect(await take({ visitor, at: 0 })).toBe(true);
    expect(await take({ visitor, at: 0, number: other, tracker: elsewhere })).toBe(true);
  });

  it('never from before the end of the one before, whatever time was taken', async () => {
    const first = newId();
    await take({ visitor: first, at: 0 });
    await pool.query(`update leases set ended_at = $2, end_reason = 'withdrawn' where visitor_id = $1`, [
      first,
      time(400),
    ]);
    expect(await take({ visitor: newId(), at: 399 })).toBe(true);
    const [, second] = await leases();
    expect(second?.leased_at).toEqual(time(400));
  });

  it('once, when the same lease is committed again', async () => {
    const lease = { id: newId(), visitor: newId(), at: 0 };
    expect(await take(lease)).toBe(true);
    expect(await take(lease)).toBe(false);
    expect(await take({ ...lease, at: 50 })).toBe(false);
    expect(await leases()).toHaveLength(1);
  });
});

describe('of two transactions at once', () => {
  /** Begins both, lets the first write, then the second, and commits the first while the second waits. */
  async function race(first: Attempt, second: Attempt) {
    const [a, b] = [await pool.connect(), await pool.connect()];
    try {
      await a.query('begin');
      await b.query('begin');
      const one = await take(first, a);
      const other = take(second, b).catch((error: { code: string }) => error.code);
      await untilWaiting(b);
      await a.query('commit');
      const two = await other;
      await b.query(two === true || two === false ? 'commit' : 'rollback');
      return [one, two];
    } finally {
      a.release();
      b.release();
    }
  }

  async function untilWaiting(client: pg.PoolClient): Promise<void> {
    const { processID } = client as pg.PoolClient & { processID: number };
    for (;;) {
      const { rows } = await pool.query(
        `select wait_event_type = 'Lock' as waits from pg_stat_activity where pid = $1`,
        [processID],
      );
      if (rows[0]?.waits) return;
    }
  }

  it('one takes a number, the other sees that it is taken', async () => {
    const [first, second] = [newId(), newId()];
    expect(await race({ visitor: first, at: 0 }, { visitor: second, at: 0 })).toEqual([true, false]);
    expect(await leases()).toMatchObject([{ visitor_id: first }]);
  });

  it('one commits a lease, the other the same lease: it is there once', async () => {
    const lease = { id: newId(), visitor: newId(), at: 0 };
    expect(await race(lease, lease)).toEqual([true, false]);
    expect(await leases()).toHaveLength(1);
  });

  it('a visitor gets one number of a tracker, not two', async () => {
    const visitor = newId();
    const other = await addNumber();
    // 23505: a live (tracker, visitor) is unique.
    expect(await race({ visitor, at: 0 }, { visitor, at: 0, number: other })).toEqual([true, '23505']);
    const { rows } = await pool.query('select number from leases where visitor_id = $1', [visitor]);
    expect(rows).toEqual([{ number }]);
    const held = await pool.query('select visitor_id from numbers where number = $1', [other]);
    expect(held.rows).toEqual([{ visitor_id: null }]);
  });
});
