import { afterAll, beforeAll, expect, test } from 'vitest';
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

  const refusal = { trackerId: tracker.id, siteId: site.id, refused: 2 };
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
  await pools.addRefusals([refusal]);
  expect((await pool.query('select refused from pool_refusals')).rows).toEqual([{ refused: 2 }]);

  expect(await pools.totals()).toEqual({ numbers: 6, leased: 4, elastic: 2, free: 2, reclaimed: 0 });
});
