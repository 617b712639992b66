import { decideSession } from '../../server/domain/sessions/decide-session.js';
import { view } from '../../server/domain/visits/view.js';
import type { LeaseHistory, LeaseSign } from '../../server/stores/lease-history.js';
import type { LeaseStore } from '../../server/stores/lease-store.js';
import { isAway } from '../../server/stores/postgres/failures.js';
import { createLeaseHistory } from '../../server/stores/postgres/lease-history.js';
import { createPostgresLeaseStore } from '../../server/stores/postgres/lease-store.js';
import { createPool, type Pool } from '../../server/stores/postgres/pool.js';
import { createVisitStore } from '../../server/stores/postgres/visits.js';
import { connectRedis, type RedisClient } from '../../server/stores/redis/connect.js';
import { createRedisLeaseStore } from '../../server/stores/redis/lease-store.js';
import type { Site, Tracker } from '../../server/stores/settings.js';
import type { VisitStore } from '../../server/stores/visits.js';
import type { EventReply } from '../../shared/events.js';

/** Where leases are kept. No Redis: in Postgres. */
export interface LeaseUrls {
  database: string;
  redis?: string;
}

/** As much of one server as leasing needs, put together as compose.ts does it, on connections of its own. */
export interface LeaseServer {
  pool: Pool;
  leases: LeaseStore;
  history: LeaseHistory;
  visits: VisitStore;
  /** Errors that the product logs and goes on after. */
  failures: unknown[];
  /** Offers that the lease history refused. */
  refused: () => number;
  /** Renewals that were acknowledged and then refused. */
  renewalsRefused: () => number;
  /** Writes the signs that wait for the lease history. */
  flush: () => Promise<void>;
  /** Loses the signs that wait, and goes on as a new process. */
  crash: () => Promise<void>;
  /** A page view at a virtual time, by the product's own way from the offer to the answer. */
  view: (ask: ViewAsk) => Promise<EventReply>;
  close: () => Promise<void>;
}

export interface ViewAsk {
  site: Site;
  tracker: Tracker;
  visitor: string;
  now: Date;
  /** false: the browser can keep nothing. */
  storage?: boolean;
  url?: string;
}

const shifted = (now: Date | undefined, ms: number) => now && new Date(now.getTime() + ms);

/** What happens around a lease server, on virtual clocks. */
export interface LeaseServerHooks {
  /** By how many ms Redis' clock is ahead of the database's. */
  ahead?: () => number;
  /** A pool is about to be loaded into Redis. */
  onLoad?: (trackerId: string) => void;
}

/** The history as this Redis sees it, for as long as the process lives that asks. */
const historyFor = (
  history: LeaseHistory,
  { ahead = () => 0, onLoad }: LeaseServerHooks,
  isAlive: () => boolean,
) => ({
  numbersOf: (trackerId: string) => {
    onLoad?.(trackerId);
    return history.numbersOf(trackerId);
  },
  readNumbers: (trackerId: string, ask: Parameters<LeaseHistory['readNumbers']>[1]) =>
    history.readNumbers(trackerId, { ...ask, now: shifted(ask.now, -ahead()) }),
  writeSigns: async (signs: LeaseSign[]) => {
    if (!isAlive()) return new Set(signs.map((sign) => sign.leaseId));
    return history.writeSigns(signs.map((sign) => ({ ...sign, at: shifted(sign.at, -ahead()) })));
  },
});

/** A lease store that is told the time of the database's clock, and keeps its own. */
const storeFor = (current: () => LeaseStore, { ahead = () => 0 }: LeaseServerHooks): LeaseStore => ({
  acquire: (ask) => current().acquire({ ...ask, now: shifted(ask.now, ahead()) }),
  confirm: (...args) => current().confirm(...args),
  correct: (id, offer, visitor, now) => current().correct(id, offer, visitor, shifted(now, ahead())),
  renew: (pool, visitor, own, now) => current().renew(pool, visitor, own, shifted(now, ahead())),
  leave: (pool, visitor, own, now) => current().leave(pool, visitor, own, shifted(now, ahead())),
  release: (pool, visitor, now) => current().release(pool, visitor, shifted(now, ahead())),
  hold: (id, number, seconds, now) => current().hold(id, number, seconds, shifted(now, ahead())),
  retire: (...args) => current().retire(...args),
  inspect: (pool, now) => current().inspect(pool, shifted(now, ahead())),
});

export async function openLeaseServer(urls: LeaseUrls, hooks: LeaseServerHooks = {}): Promise<LeaseServer> {
  const failures: unknown[] = [];
  const onError = (error: unknown) => failures.push(error);
  const pool = createPool({ connection: { connectionString: urls.database }, max: 10, onError });
  const history = createLeaseHistory(pool);
  const visits = createVisitStore(pool, decideSession);
  const redis = urls.redis ? await connectRedis(urls.redis, onError) : null;
  let refused = 0;
  let renewalsRefused = 0;
  const startLeasing = (client: RedisClient) => {
    let isAlive = true;
    const store = createRedisLeaseStore(
      client,
      historyFor(history, hooks, () => isAlive),
      {
        isAway,
        onError,
        onRenewalRefused: () => {
          renewalsRefused += 1;
        },
      },
    );
    const crash = () => {
      isAlive = false;
      return store.close();
    };
    return { store, crash };
  };
  let inRedis = redis && startLeasing(redis);
  const inPostgres = createPostgresLeaseStore(pool);
  const leases = storeFor(() => inRedis?.store ?? inPostgres, redis ? hooks : {});

  return {
    pool,
    leases,
    history,
    visits,
    failures,
    refused: () => refused,
    renewalsRefused: () => renewalsRefused,
    flush: async () => inRedis?.store.flush(),
    crash: async () => {
      await inRedis?.crash();
      inRedis = redis && startLeasing(redis);
    },
    view: ({ site, tracker, visitor, now, storage, url = 'https://shop.example/' }) =>
      view(
        {
          settings: { trackersOf: () => [tracker], targetsOf: () => tracker.targets },
          leases: {
            ...leases,
            acquire: (ask) => leases.acquire({ ...ask, now }),
            correct: (trackerId, offer, visitorId) => leases.correct(trackerId, offer, visitorId, now),
          },
          history,
          visits: { ...visits, add: (visit) => visits.add({ ...visit, now }) },
          newLeases: null,
          refusals: { add: () => {} },
          onLeaseFailure: onError,
          onRefused: () => {
            refused += 1;
          },
        },
        {
          site,
          request: {
            type: 'view',
            site: site.key,
            visitor,
            page: { url, referrer: '' },
            found: tracker.targets,
            storage,
          },
          userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0',
          address: '192.0.2.1',
          country: null,
        },
      ),
    async close() {
      await visits.drain();
      await inRedis?.store.close();
      redis?.disconnect();
      await pool.end();
    },
  };
}
