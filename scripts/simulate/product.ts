import { learnModels } from '../../server/domain/attribution/learn-models.js';
import { attribute } from '../../server/domain/calls/attribute.js';
import { poolOf } from '../../server/domain/leasing/pool.js';
import { decideSession } from '../../server/domain/sessions/decide-session.js';
import { view } from '../../server/domain/visits/view.js';
import { newId } from '../../server/lib/ids.js';
import type { FoldedCall } from '../../server/stores/calls.js';
import type { LeaseStore } from '../../server/stores/lease-store.js';
import { createCallStore } from '../../server/stores/postgres/calls.js';
import { isAway } from '../../server/stores/postgres/failures.js';
import { createLeaseHistory } from '../../server/stores/postgres/lease-history.js';
import { createPostgresLeaseStore } from '../../server/stores/postgres/lease-store.js';
import { createSettingsStore } from '../../server/stores/postgres/settings/settings.js';
import { createTimeModelStore } from '../../server/stores/postgres/time-models.js';
import { createVisitorStore } from '../../server/stores/postgres/visitors.js';
import { createVisitStore } from '../../server/stores/postgres/visits.js';
import { connectRedis } from '../../server/stores/redis/connect.js';
import { createRedisLeaseStore } from '../../server/stores/redis/lease-store.js';
import { openDatabase } from './database.js';
import type { PoolSettings, World } from './world.js';

/** Where the product keeps what it simulates: a database of its own, made for this and dropped after it. */
export interface Stores {
  /** Of a server on which a database may be made; absent: embedded, in a folder that is deleted after. */
  DATABASE_URL?: string;
  REDIS_URL?: string;
}

const fail = (error: unknown) => {
  throw error;
};

/** What a pool is in Redis. */
const KEYS = ['pool', 'numbers', 'visitors', 'exclusive', 'exclusive-later', 'elastic', 'elastic-later'];

const START = Date.UTC(2040, 0, 1);
const timeOf = (t: number) => new Date(START + Math.round(t * 1000));

/** The product itself, from the offer of a number to the decision about a call, on a virtual clock. */
export async function createProduct(settings: PoolSettings, stores: Stores): Promise<World> {
  const database = await openDatabase(stores.DATABASE_URL);
  const { pool } = database;
  const settingsStore = createSettingsStore(pool);
  const site = await settingsStore.createSite({
    id: newId(),
    key: 'simulation',
    name: 'Simulation',
    time_zone: 'UTC',
    default_region: 'US',
    allowed_origins: [],
    min_confidence: 0.5,
    qualified_seconds: 60,
    currency: 'USD',
    excluded_addresses: [],
    excluded_hosts: [],
    providers: {},
    channel_rules: [],
  });
  const target = '+12025550100';
  const tracker = await settingsStore.createTracker({
    id: newId(),
    site_id: site.id,
    name: 'Visitors',
    type: 'session',
    targets: [target],
    destination: target,
    numbers: Array.from({ length: settings.numbers }, (_, at) => `+999${String(at).padStart(8, '0')}`),
    match: {},
    priority: 0,
    reservation_seconds: settings.reservation,
    min_reservation_seconds: settings.minReservation,
    attribution_days: 30,
    source: null,
    medium: null,
    campaign: null,
  });
  const leasePool = poolOf(tracker);

  const history = createLeaseHistory(pool);
  const visits = createVisitStore(pool, decideSession);
  const calls = createCallStore(pool);
  const visitors = createVisitorStore(pool);
  const models = createTimeModelStore(pool);
  const redis = stores.REDIS_URL ? await connectRedis(stores.REDIS_URL, fail) : null;
  const inRedis =
    redis && createRedisLeaseStore(redis, history, { isAway, onError: fail, onRenewalRefused: () => {} });
  const leases: LeaseStore = inRedis ?? createPostgresLeaseStore(pool);

  const ids = new Map<string, string>();
  const names = new Map<string, string>();
  function idOf(visitor: string): string {
    const known = ids.get(visitor);
    if (known) return known;
    const id = newId();
    ids.set(visitor, id);
    names.set(id, visitor);
    return id;
  }

  /** A sign reaches the history within a second; here, before anything else is asked of it. */
  let signsWait = false;
  async function flush(): Promise<void> {
    if (signsWait) await inRedis?.flush();
    signsWait = false;
  }
  async function sign(verb: 'renew' | 'leave', visitor: string, t: number): Promise<void> {
    await leases[verb](leasePool, idOf(visitor), settings.reservation, timeOf(t));
    signsWait = true;
  }

  async function decided(call: { number: string; from: string | null; t: number }) {
    const id = newId();
    const folded: FoldedCall = {
      to: call.number,
      from: call.from,
      caller_name: null,
      caller_city: null,
      caller_state: null,
      caller_country: null,
      started_at: timeOf(call.t),
      ended_at: null,
      status: 'answered',
      duration: 60,
      talk_time: null,
      recording_url: null,
      keypad: null,
      codes: [],
    };
    return calls.withCall({ provider: 'simulation', callId: id }, async (transaction) => {
      await transaction.saveCall({
        ...folded,
        id,
        siteId: site.id,
        trackerId: tracker.id,
        destination: target,
      });
      return attribute(transaction, { id, number: { site, tracker }, folded });
    });
  }

  return {
    async view({ visitor, t, source, device }) {
      await flush();
      const now = timeOf(t);
      const url = source
        ? `https://shop.example/?utm_source=${encodeURIComponent(source)}`
        : 'https://shop.example/';
      const reply = await view(
        {
          settings: { trackersOf: () => [tracker], targetsOf: () => [target] },
          leases: {
            ...leases,
            acquire: (ask) => leases.acquire({ ...ask, now }),
            correct: (trackerId, offer, id) => leases.correct(trackerId, offer, id, now),
          },
          history,
          visits: { ...visits, add: (visit) => visits.add({ ...visit, now }) },
          newLeases: null,
          refusals: { add: () => {} },
          onLeaseFailure: fail,
          onRefused: () => {},
        },
        {
          site,
          request: {
            type: 'view',
            site: site.key,
            visitor: idOf(visitor),
            page: { url, referrer: '' },
            found: [target],
          },
          userAgent: `Mozilla/5.0 (${device === 'mobile' ? 'Android 15; Mobile' : 'X11; Linux x86_64'}) Firefox/140.0`,
          address: '192.0.2.1',
          country: null,
        },
      );
      return reply.swaps[0]?.number ?? null;
    },
    renew: (visitor, t) => sign('renew', visitor, t),
    leave: (visitor, t) => sign('leave', visitor, t),
    async tap(visitor, number, t) {
      await flush();
      const now = timeOf(t);
      const leaseId = await history.held(site.id, idOf(visitor), number, now);
      if (leaseId === null) return;
      await visitors.addTap({ siteId: site.id, visitorId: idOf(visitor), leaseId, number, now });
    },
    async call(call) {
      await flush();
      const seconds = settings.reservation;
      await history.hold(call.number, seconds, timeOf(call.t));
      await leases.hold(tracker.id, call.number, seconds, timeOf(call.t));
      if (settings.join === 'last') {
        const { rows } = await pool.query<{ visitor_id: string }>(
          'select visitor_id from leases where number = $1 order by leased_at desc limit 1',
          [call.number],
        );
        return { visitor: names.get(rows[0]?.visitor_id ?? '') ?? null, confidence: 1 };
      }
      const { visitor_id, confidence } = await decided(call);
      return { visitor: names.get(visitor_id ?? '') ?? null, confidence };
    },
    async learn(t) {
      await flush();
      await learnModels(models, timeOf(t));
    },
    async close() {
      await visits.drain();
      await inRedis?.close();
      await redis?.del(...KEYS.map((part) => `dni:{${tracker.id}}:${part}`));
      redis?.disconnect();
      await database.close();
    },
  };
}
