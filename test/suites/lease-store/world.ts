import { OVERLAPS } from '../../../scripts/overlaps.js';
import { poolOf } from '../../../server/domain/leasing/pool.js';
import { withdraw } from '../../../server/domain/visits/actions.js';
import { newId } from '../../../server/lib/ids.js';
import type { LeaseOffer } from '../../../server/stores/lease-store.js';
import { createSettingsStore } from '../../../server/stores/postgres/settings/settings.js';
import { createVisitorStore } from '../../../server/stores/postgres/visitors.js';
import type { NewTracker, Site, Tracker, TrackerPatch } from '../../../server/stores/settings.js';
import type { EventReply, Swap } from '../../../shared/events.js';
import { createDatabase } from '../../support/database.js';
import { fictionalNumbers } from '../../support/fictional-numbers.js';
import { type LeaseServer, type LeaseUrls, openLeaseServer } from '../../support/lease-server.js';
import { newSite, newTracker } from '../../support/settings-rows.js';
import { type VirtualClock, virtualClock } from '../../support/virtual-clock.js';

/** How one implementation is run: where it keeps its leases besides the lease history. */
export interface LeaseStoreHarness {
  redis?: () => Promise<{ url: string }>;
}

/** A server waits so much longer than a window before it gives a number on, for renewals on their way. */
export const REST = 2;

export interface LeaseRow {
  id: string;
  number: string;
  visitor_id: string;
  assignment: string;
  leased_at: Date;
  last_seen_at: Date;
  promised_until: Date;
  reserved_until: Date;
  ended_at: Date | null;
  end_reason: string | null;
}

interface Options {
  storage?: boolean;
  /** Which of the two servers is asked. */
  server?: 0 | 1;
  url?: string;
}

/** One site with one pool, two servers over the same stores, and a clock of its own. */
export interface World {
  clock: VirtualClock;
  /** Redis' clock is set on, or back, the database's is not. */
  stepRedisClock: (seconds: number) => Promise<void>;
  urls: LeaseUrls;
  servers: [LeaseServer, LeaseServer];
  site: Site;
  tracker: () => Tracker;
  /** A page view; the swap that was answered, or null for the page's own number. */
  lease: (visitor: string, options?: Options) => Promise<Swap | null>;
  view: (visitor: string, options?: Options) => Promise<EventReply>;
  /** The lease that the store knows of, or null; none is made. */
  live: (visitor: string, options?: Options) => Promise<LeaseOffer | null>;
  renew: (visitor: string, options?: Options) => Promise<LeaseOffer | null>;
  leave: (visitor: string, options?: Options) => Promise<LeaseOffer | null>;
  withdraw: (visitor: string) => Promise<void>;
  /** A call on the number. */
  call: (number: string, seconds: number) => Promise<void>;
  patch: (patch: TrackerPatch) => Promise<void>;
  /** Takes numbers out of the pool. Unless told, the lease stores find out by themselves. */
  retire: (numbers: string[], options?: { told: boolean }) => Promise<void>;
  add: (count: number) => Promise<string[]>;
  /** Puts numbers back that were retired. */
  bringBack: (numbers: string[]) => Promise<void>;
  sql: <T extends object>(text: string, values?: unknown[]) => Promise<T[]>;
  /** The lease history of the tracker, oldest first. */
  history: () => Promise<LeaseRow[]>;
  /** Leases of one number that overlap, live leases that a visitor has twice, and errors that were gone on after. */
  wrongs: () => Promise<unknown[]>;
}

const TWICE = `select tracker_id, visitor_id
  from leases
  where ended_at is null
    and reserved_until > $1
  group by tracker_id, visitor_id
  having count(*) > 1`;

export interface Stage {
  /** A new site with a pool of so many numbers. */
  world: (numbers: number, tracker?: Partial<NewTracker>) => Promise<World>;
  close: () => Promise<void>;
}

/** A fresh database and the two servers on it, for all the cases of one file. */
export async function setStage(harness: LeaseStoreHarness): Promise<Stage> {
  const database = await createDatabase();
  const urls: LeaseUrls = { database: database.url, redis: (await harness.redis?.())?.url };
  let ahead = 0;
  const open = () => openLeaseServer(urls, { ahead: () => ahead });
  const servers: [LeaseServer, LeaseServer] = [await open(), await open()];
  const stepRedisClock = async (seconds: number) => {
    // Signs on their way have ages, which no clock changes; on virtual clocks they have times.
    for (const server of servers) await server.flush();
    ahead += seconds * 1000;
  };
  let used = 0;
  const takeNumbers = (count: number): string[] => {
    used += count;
    return fictionalNumbers(count, used - count);
  };
  return {
    world: (count, given) => makeWorld({ urls, servers, takeNumbers, stepRedisClock }, count, given),
    async close() {
      for (const server of servers) await server.close();
      await database.drop();
    },
  };
}

async function makeWorld(
  stage: Pick<World, 'urls' | 'servers' | 'stepRedisClock'> & { takeNumbers: (count: number) => string[] },
  count: number,
  given: Partial<NewTracker> = {},
): Promise<World> {
  const { servers, urls, stepRedisClock } = stage;
  const { pool } = servers[0];
  const settings = createSettingsStore(pool);
  const clock = virtualClock();
  const site = await settings.createSite(newSite());
  let tracker = await settings.createTracker(
    newTracker(site.id, { numbers: stage.takeNumbers(count), ...given }),
  );
  const refresh = async () => {
    tracker = (await settings.tracker(tracker.id)) as Tracker;
  };
  const at = ({ server = 0 }: Options) => servers[server];
  const own = ({ storage = true }: Options) =>
    storage ? tracker.reservation_seconds : tracker.min_reservation_seconds;
  const sql: World['sql'] = async <T extends object>(text: string, values: unknown[] = []) =>
    (await pool.query<T>(text, values)).rows;

  const world: World = {
    clock,
    stepRedisClock,
    urls,
    servers,
    site,
    tracker: () => tracker,
    view: (visitor, options = {}) =>
      at(options).view({
        site,
        tracker,
        visitor,
        now: clock.now(),
        storage: options.storage,
        url: options.url,
      }),
    lease: async (visitor, options) => (await world.view(visitor, options)).swaps[0] ?? null,
    live: (visitorId, options = {}) =>
      at(options).leases.acquire({
        pool: poolOf(tracker),
        visitorId,
        leaseId: newId(),
        ownSeconds: own(options),
        liveOnly: true,
        now: clock.now(),
      }),
    renew: (visitor, options = {}) =>
      at(options).leases.renew(poolOf(tracker), visitor, own(options), clock.now()),
    leave: (visitor, options = {}) =>
      at(options).leases.leave(poolOf(tracker), visitor, own(options), clock.now()),
    withdraw: (visitor) =>
      withdraw(
        {
          settings: { trackerById: (id) => (id === tracker.id ? tracker : null) },
          leases: servers[0].leases,
          history: servers[0].history,
          visitors: createVisitorStore(pool),
          afterTap: async () => {},
          onLeaseFailure: (error) => servers[0].failures.push(error),
        },
        {
          site,
          request: { type: 'withdraw', site: site.key, visitor, page: { url: '', referrer: '' }, found: [] },
          userAgent: '',
          country: null,
          address: '',
        },
      ),
    call: async (number, seconds) => {
      await servers[0].history.hold(number, seconds, clock.now());
      await servers[0].leases.hold(tracker.id, number, seconds, clock.now());
    },
    patch: async (patch) => {
      await settings.updateTracker(tracker.id, patch);
      await refresh();
    },
    retire: async (numbers, { told } = { told: true }) => {
      for (const number of numbers) {
        await settings.retireNumber(number);
        if (told) await servers[0].leases.retire(tracker.id, number);
      }
      await refresh();
    },
    add: async (more) => {
      const numbers = stage.takeNumbers(more);
      for (const number of numbers) await settings.addNumber(number, tracker);
      await refresh();
      return numbers;
    },
    bringBack: async (numbers) => {
      for (const number of numbers) await settings.addNumber(number, tracker);
      await refresh();
    },
    sql,
    history: () =>
      sql<LeaseRow>('select * from leases where tracker_id = $1 order by leased_at, id', [tracker.id]),
    wrongs: async () => {
      for (const server of servers) await server.flush();
      const failures = servers.flatMap((server) => server.failures.splice(0));
      return [...(await sql(OVERLAPS, [null])), ...(await sql(TWICE, [clock.now()])), ...failures];
    },
  };
  return world;
}
