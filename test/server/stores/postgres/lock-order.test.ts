import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newId } from '../../../../server/lib/ids.js';
import { createSettingsStore } from '../../../../server/stores/postgres/settings/settings.js';
import type { Site, Tracker } from '../../../../server/stores/settings.js';
import { createDatabase, type TestDatabase } from '../../../support/database.js';
import { fictionalNumbers } from '../../../support/fictional-numbers.js';
import { type LeaseServer, openLeaseServer } from '../../../support/lease-server.js';
import { newSite, newTracker } from '../../../support/settings-rows.js';
import { virtualClock } from '../../../support/virtual-clock.js';
import { visitOf } from '../../../support/visit.js';

const HOLDERS = 60;
const ROUNDS = 6;

let database: TestDatabase;
let servers: LeaseServer[];
let site: Site;
let tracker: Tracker;

beforeAll(async () => {
  database = await createDatabase();
  servers = await Promise.all([1, 2].map(() => openLeaseServer({ database: database.url })));
  const settings = createSettingsStore((servers[0] as LeaseServer).pool);
  site = await settings.createSite(newSite());
  tracker = await settings.createTracker(newTracker(site.id, { numbers: fictionalNumbers(HOLDERS) }));
});
afterAll(() => database.drop());

const shuffled = <T>(items: T[]): T[] =>
  items
    .map((item) => [Math.random(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);

/** How often Postgres had to end a circle of waiting transactions. Told when the connections are closed. */
async function deadlocks(): Promise<number> {
  for (const server of servers) await server.close();
  const client = new pg.Client(database.url);
  await client.connect();
  try {
    const { rows } = await client.query(
      'select deadlocks::int from pg_stat_database where datname = current_database()',
    );
    return rows[0]?.deadlocks;
  } finally {
    await client.end();
  }
}

it('is the same for views, renewals, reclaims and withdrawals, so that they never wait in a circle', async () => {
  const clock = virtualClock();
  const [one, other] = servers as [LeaseServer, LeaseServer];
  const view = (server: LeaseServer, visitor: string) =>
    server.view({ site, tracker, visitor, now: clock.now() });
  let visitors = Array.from({ length: HOLDERS }, () => newId());

  for (let round = 0; round < ROUNDS; round += 1) {
    const replies = await Promise.all(visitors.map((visitor) => view(one, visitor)));
    const held = replies.flatMap((reply, at) =>
      reply.swaps.map((swap) => ({
        visitor: visitors[at] ?? '',
        lease: swap.lease ?? '',
        number: swap.number,
      })),
    );
    expect(held.length).toBe(HOLDERS);
    // Just so that every one of them may be reclaimed, or be kept by a sign.
    clock.pass(301);
    const now = clock.now();
    const comers = Array.from({ length: HOLDERS / 4 }, () => newId());
    const signs = () =>
      shuffled(held).map(({ lease }) => ({
        leaseId: lease,
        ageMs: 0,
        at: now,
        left: false,
        mustBeLive: false,
        ownSeconds: 1800,
        minSeconds: 300,
      }));
    await Promise.all([
      ...shuffled(visitors).map((visitor) => view(one, visitor)),
      ...shuffled(visitors).map((visitor) => view(other, visitor)),
      ...shuffled(comers).map((visitor) => view(other, visitor)),
      ...shuffled(visitors).map((visitor) =>
        one.leases.renew(
          {
            trackerId: tracker.id,
            siteId: site.id,
            version: tracker.pool_version,
            reservationSeconds: 1800,
            minReservationSeconds: 300,
          },
          visitor,
          1800,
          now,
        ),
      ),
      one.history.writeSigns(signs()),
      other.history.writeSigns(signs()),
      ...shuffled(held).map(({ number }) => other.history.hold(number, 60, now)),
      ...shuffled(visitors).map((visitorId) =>
        other.visits.add(visitOf({ siteId: site.id, visitorId, now })),
      ),
    ]);
    clock.pass(1801);
    visitors = shuffled([
      ...visitors.slice(0, HOLDERS / 2),
      ...visitors.slice(0, HOLDERS / 2).map(() => newId()),
    ]);
  }
  expect(servers.flatMap((server) => server.failures)).toEqual([]);
  expect(await deadlocks()).toBe(0);
});
