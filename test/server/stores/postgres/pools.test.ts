import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../../../server/lib/ids.js';
import { createPostgresLeaseStore } from '../../../../server/stores/postgres/lease-store.js';
import { createPool, type Pool } from '../../../../server/stores/postgres/pool.js';
import { createPoolStore } from '../../../../server/stores/postgres/pools.js';
import { createSettingsStore } from '../../../../server/stores/postgres/settings/settings.js';
import { createDatabase, type TestDatabase } from '../../../support/database.js';
import { fictionalNumbers } from '../../../support/fictional-numbers.js';
import { newSite, newTracker } from '../../../support/settings-rows.js';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createDatabase();
  pool = createPool({ connection: { connectionString: database.url }, max: 2, onError: () => {} });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);

test('the use of a pool: leased, elastic, free, resting; what was cut short or refused of late', async () => {
  const settings = createSettingsStore(pool);
  const leases = createPostgresLeaseStore(pool);
  const pools = createPoolStore(pool);
  const site = newSite();
  await settings.createSite(site);
  const numbers = fictionalNumbers(4, 0);
  const tracker = newTracker(site.id, { numbers });
  await settings.createTracker(tracker);
  await settings.createTracker(newTracker(site.id, { targets: [], numbers: fictionalNumbers(2, 4) }));
  const of = {
    trackerId: tracker.id,
    siteId: site.id,
    version: 1,
    reservationSeconds: 1800,
    minReservationSeconds: 300,
  };
  const acquire = (at: Date, visitorId = newId()) =>
    leases.acquire({ pool: of, visitorId, leaseId: newId(), ownSeconds: 1800, now: at });
  const figures = () => pools.figures(tracker.id);
  const none = { numbers: 4, leased: 0, elastic: 0, free: 4, reclaimed: 0, refused: 0 };
  expect(await figures()).toEqual(none);

  // One whose reservation is over, two whose promise is, and one who has just come.
  await acquire(minutesAgo(60));
  const visitor = newId();
  await acquire(minutesAgo(20), visitor);
  await acquire(minutesAgo(19));
  await acquire(minutesAgo(1));
  expect(await figures()).toEqual({ ...none, leased: 3, free: 1 });
  // The next takes the free one, the one after it cuts the longest silent short.
  expect((await acquire(minutesAgo(0)))?.assignment).toBe('exclusive');
  expect((await acquire(minutesAgo(0)))?.assignment).toBe('elastic');
  expect(await figures()).toEqual({ ...none, leased: 4, elastic: 1, free: 0, reclaimed: 1 });
  const lease = await acquire(minutesAgo(0));
  expect(lease?.assignment).toBe('elastic');
  expect(await acquire(minutesAgo(0))).toBeNull();

  const refusal = { trackerId: tracker.id, siteId: site.id, refused: 2, sessionIds: [newId()] };
  await pools.addRefusals([refusal]);
  await pools.addRefusals([refusal]);
  expect(await figures()).toEqual({ ...none, leased: 4, elastic: 2, free: 0, reclaimed: 2, refused: 4 });

  // What was long ago does not count, and is forgotten in time.
  await pool.query(
    "update leases set ended_at = ended_at - interval '2 days', leased_at = leased_at - interval '3 days' where end_reason = 'reclaimed'",
  );
  await pool.query("update pool_refusals set hour = hour - interval '2 days'");
  expect(await figures()).toMatchObject({ reclaimed: 0, refused: 0 });
  await pool.query("update pool_refusals set hour = hour - interval '40 days'");
  await pool.query("update blocked_sessions set hour = hour - interval '40 days'");
  await pools.addRefusals([refusal]);
  expect((await pool.query('select refused from pool_refusals')).rows).toEqual([{ refused: 2 }]);
  const { rows: blocked } = await pool.query(
    "select hour > now() - interval '2 hours' as fresh from blocked_sessions",
  );
  expect(blocked).toEqual([{ fresh: true }]);

  expect(await pools.totals()).toEqual({ numbers: 6, leased: 4, elastic: 2, free: 2, reclaimed: 0 });
});

describe('arrivals', () => {
  const FROM = new Date('2026-10-01T00:00:00Z');
  const at = (hour: number, seconds = 0) => new Date(FROM.getTime() + (hour * 3600 + seconds) * 1000);
  const pools = () => createPoolStore(pool);

  /** A tracker of so many numbers, and a lease of one of them that is over. */
  async function makeTracker(count: number, offset: number) {
    const settings = createSettingsStore(pool);
    const site = newSite();
    await settings.createSite(site);
    const tracker = newTracker(site.id, { numbers: fictionalNumbers(count, offset) });
    await settings.createTracker(tracker);
    const lease = async (fields: {
      number: number;
      session: string | null;
      from: Date;
      to: Date;
      reason?: string;
      of?: string;
    }) => {
      // Past the trigger, which would have the numbers taken in order.
      await pool.query('alter table leases disable trigger take_number');
      await pool.query(
        `insert into leases (
          id, site_id, tracker_id, number, visitor_id, session_id, assignment, leased_at, last_seen_at, promised_until,
          reserved_until, ended_at, end_reason
        )
        values ($1, $2, $3, $4, $5, $6, 'exclusive', $7, $8::timestamptz, $8, $8, $8, $9)`,
        [
          newId(),
          site.id,
          fields.of ?? tracker.id,
          tracker.numbers[fields.number],
          newId(),
          fields.session,
          fields.from,
          fields.to,
          fields.reason ?? 'expired',
        ],
      );
      await pool.query('alter table leases enable trigger take_number');
    };
    return { site, tracker, lease };
  }
  const block = (tracker: { id: string; site_id: string }, hour: number, session: string) =>
    pool.query(
      'insert into blocked_sessions (site_id, tracker_id, hour, session_id) values ($1, $2, $3, $4)',
      [tracker.site_id, tracker.id, at(hour), session],
    );

  test('are sessions, each once, in the hour in which they first asked', async () => {
    const { tracker, lease } = await makeTracker(3, 10);
    const [twice, late, never, old] = [newId(), newId(), newId(), newId()];
    // Cut short, and back on another number: one visit from first to last.
    await lease({ number: 0, session: twice, from: at(1), to: at(1, 100), reason: 'reclaimed' });
    await lease({ number: 1, session: twice, from: at(2), to: at(2, 50) });
    // Blocked at first, not in the end.
    await block(tracker, 3, late);
    await lease({ number: 2, session: late, from: at(4), to: at(4, 7) });
    // Blocked in two hours.
    await block(tracker, 3, never);
    await block(tracker, 4, never);
    // After the last hour, before the first, of another tracker, and one that nobody was told of.
    await lease({ number: 0, session: null, from: at(9), to: at(9, 1) });
    await lease({ number: 0, session: old, from: at(-1), to: at(-1, 1) });
    await block(tracker, -1, newId());
    await lease({ number: 1, session: newId(), from: at(5), to: at(5, 1), of: newId() });
    await lease({ number: 1, session: newId(), from: at(5), to: at(5), reason: 'released' });

    const found = await pools().arrivals(tracker, { from: FROM, hours: 6 });
    expect(found.sort((a, b) => a.place - b.place)).toEqual([
      { place: 1, served: 1, blocked: 0, visit_seconds: 3650, leases: 2, cut_short: 1 },
      { place: 3, served: 0, blocked: 1, visit_seconds: 0, leases: 0, cut_short: 0 },
      { place: 4, served: 1, blocked: 0, visit_seconds: 7, leases: 1, cut_short: 0 },
      { place: 5, served: 1, blocked: 0, visit_seconds: 1, leases: 1, cut_short: 0 },
    ]);
  });

  test('are read by index: what is of other trackers and of other times costs nothing', async () => {
    const { tracker, lease, site } = await makeTracker(2, 20);
    await lease({ number: 0, session: newId(), from: at(1), to: at(1, 60) });
    await pool.query('alter table leases disable trigger take_number');
    // Long ago on this tracker's number, and now on a thousand numbers of others.
    await pool.query(
      `insert into leases (
        id, site_id, tracker_id, number, visitor_id, session_id, assignment, leased_at, last_seen_at, promised_until,
        reserved_until, ended_at, end_reason
      )
      select gen_random_uuid(), $1, case when n % 2 = 0 then $2::uuid else $3::uuid end,
        case when n % 2 = 0 then $4 else '+1305' || n end, gen_random_uuid(), gen_random_uuid(), 'exclusive', at, at, at,
        at, at + interval '1 s', 'expired'
      from generate_series(1, 40000) as n
      cross join lateral (
        select case when n % 2 = 0 then $5::timestamptz - interval '30 days' else $5 end as at
      ) as times`,
      [site.id, tracker.id, newId(), tracker.numbers[0], FROM],
    );
    await pool.query('alter table leases enable trigger take_number');
    await pool.query('analyze leases');
    const read = async () => {
      await pool.query('select pg_stat_force_next_flush()');
      const { rows } = await pool.query<{ read: number }>(
        `select seq_tup_read + idx_tup_fetch as read from pg_stat_user_tables where relname = 'leases'`,
      );
      return Number(rows[0]?.read);
    };
    const one = createPool({ connection: { connectionString: database.url }, max: 1, onError: () => {} });
    try {
      const before = await read();
      const found = await createPoolStore(one).arrivals(tracker, { from: FROM, hours: 6 });
      expect(found).toMatchObject([{ place: 1, served: 1, visit_seconds: 60 }]);
      await one.query('select pg_stat_force_next_flush()');
      await one.query('select 1');
      expect((await read()) - before).toBeLessThan(100);
    } finally {
      await one.end();
    }
  });
});
