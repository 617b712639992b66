import { Redis } from 'ioredis';
import { decideSession } from '../../server/domain/sessions/decide-session.js';
import { view } from '../../server/domain/visits/view.js';
import type { LeaseHistory } from '../../server/stores/lease-history.js';
import type { LeaseStore } from '../../server/stores/lease-store.js';
import { isAway } from '../../server/stores/postgres/failures.js';
import { createLeaseHistory } from '../../server/stores/postgres/lease-history.js';
import { createPostgresLeaseStore } from '../../server/stores/postgres/lease-store.js';
import { createPool, type Pool } from '../../server/stores/postgres/pool.js';
import { createVisitStore } from '../../server/stores/postgres/visits.js';
import { createRedisLeaseStore } from '../../server/stores/redis/lease-store.js';
import { createSignBuffer } from '../../server/stores/redis/sign-buffer.js';
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

export async function openLeaseServer(urls: LeaseUrls): Promise<LeaseServer> {
  const failures: unknown[] = [];
  const onError = (error: unknown) => failures.push(error);
  const pool = createPool({ connection: { connectionString: urls.database }, max: 10, onError });
  const history = createLeaseHistory(pool);
  const visits = createVisitStore(pool, decideSession, { maxRunning: 2 });
  const redis = urls.redis ? new Redis(urls.redis) : null;
  const signs = redis && createSignBuffer(history, { isAway, onError });
  const leases =
    redis && signs ? createRedisLeaseStore(redis, history.readPool, signs) : createPostgresLeaseStore(pool);
  let refused = 0;

  return {
    pool,
    leases,
    history,
    visits,
    failures,
    refused: () => refused,
    flush: async () => signs?.flush(),
    view: ({ site, tracker, visitor, now, storage, url = 'https://shop.example/' }) =>
      view(
        {
          settings: { trackersOf: () => [tracker], targetsOf: () => tracker.targets },
          leases: {
            ...leases,
            acquire: (ask) => leases.acquire({ ...ask, now }),
            correct: (trackerId, offer, truth) => leases.correct(trackerId, offer, truth, now),
          },
          history: {
            readNumber: (trackerId, number) => history.readNumber(trackerId, number, now),
            takeBack: history.takeBack,
          },
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
      await signs?.close();
      redis?.disconnect();
      await pool.end();
    },
  };
}
