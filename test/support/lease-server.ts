import { Redis } from 'ioredis';
import { decideSession } from '../../server/domain/sessions/decide-session.js';
import { view } from '../../server/domain/visits/view.js';
import type { LeaseHistory, LeaseSign } from '../../server/stores/lease-history.js';
import type { LeaseStore } from '../../server/stores/lease-store.js';
import { isAway } from '../../server/stores/postgres/failures.js';
import { createLeaseHistory } from '../../server/stores/postgres/lease-history.js';
import { createPostgresLeaseStore } from '../../server/stores/postgres/lease-store.js';
import { createPool, type Pool } from '../../server/stores/postgres/pool.js';
import { createVisitStore } from '../../server/stores/postgres/visits.js';
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

/** The history as a Redis sees it whose clock is so many ms ahead of the database's. */
const historyFor = (history: LeaseHistory, ahead: () => number) => ({
  numbersOf: history.numbersOf,
  readNumbers: (trackerId: string, ask: Parameters<LeaseHistory['readNumbers']>[1]) =>
    history.readNumbers(trackerId, { ...ask, now: shifted(ask.now, -ahead()) }),
  writeSigns: (signs: LeaseSign[]) =>
    history.writeSigns(signs.map((sign) => ({ ...sign, at: shifted(sign.at, -ahead()) }))),
});

/** A lease store that is told the time of the database's clock, and keeps its own, so many ms ahead. */
const storeFor = (leases: LeaseStore, ahead: () => number): LeaseStore => ({
  ...leases,
  acquire: (ask) => leases.acquire({ ...ask, now: shifted(ask.now, ahead()) }),
  correct: (id, offer, visitor, now) => leases.correct(id, offer, visitor, shifted(now, ahead())),
  renew: (pool, visitor, own, now) => leases.renew(pool, visitor, own, shifted(now, ahead())),
  leave: (pool, visitor, own, now) => leases.leave(pool, visitor, own, shifted(now, ahead())),
  release: (pool, visitor, now) => leases.release(pool, visitor, shifted(now, ahead())),
  hold: (id, number, seconds, now) => leases.hold(id, number, seconds, shifted(now, ahead())),
  inspect: (pool, now) => leases.inspect(pool, shifted(now, ahead())),
});

/** `ahead`: by how many ms Redis' clock is ahead of the database's, on virtual clocks. */
export async function openLeaseServer(urls: LeaseUrls, ahead = () => 0): Promise<LeaseServer> {
  const failures: unknown[] = [];
  const onError = (error: unknown) => failures.push(error);
  const pool = createPool({ connection: { connectionString: urls.database }, max: 10, onError });
  const history = createLeaseHistory(pool);
  const visits = createVisitStore(pool, decideSession, { maxRunning: 2 });
  const redis = urls.redis ? new Redis(urls.redis) : null;
  let refused = 0;
  let renewalsRefused = 0;
  const inRedis =
    redis &&
    createRedisLeaseStore(redis, historyFor(history, ahead), {
      isAway,
      onError,
      onRenewalRefused: () => {
        renewalsRefused += 1;
      },
    });
  const leases = inRedis ? storeFor(inRedis, ahead) : createPostgresLeaseStore(pool);

  return {
    pool,
    leases,
    history,
    visits,
    failures,
    refused: () => refused,
    renewalsRefused: () => renewalsRefused,
    flush: async () => inRedis?.flush(),
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
        },
      ),
    async close() {
      await visits.drain();
      await inRedis?.close();
      redis?.disconnect();
      await pool.end();
    },
  };
}
