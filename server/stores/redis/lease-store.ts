import { createGatherer } from '../../lib/gather.js';
import type { LeaseHistory } from '../lease-history.js';
import type { LeaseAsk, LeaseAssignment, LeaseOffer, LeaseStore, Pool } from '../lease-store.js';
import type { RedisClient } from './connect.js';
import { clock, createPoolLoader, type PoolHistory, truthArgs } from './load-pool.js';
import { defineScripts, type Verb } from './scripts.js';
import { createSignBuffer } from './sign-buffer.js';

/** Renewals reach Postgres within 1 s; a number is offered to others that much, and as much again, later. */
const GRACE_MS = 2_000;
/** A pool that is lost again whenever it has been loaded is given up. */
const LOADS = 5;

type Reply = [status: string, ...fields: string[]];

export interface RedisLeaseStore extends LeaseStore {
  /** Writes the signs that wait for the lease history; rejects when it cannot be reached. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface RedisLeaseOptions {
  isAway: (error: unknown) => boolean;
  onError: (error: unknown) => void;
  /** A renewal was acknowledged and then refused by the lease history. */
  onRenewalRefused: () => void;
}

function offerOf([status, ...fields]: Reply): LeaseOffer | null {
  if (status === 'none') return null;
  const [number, leaseId, assignment, confirmed] = fields as [string, string, LeaseAssignment, string];
  return { number, leaseId, assignment, confirmed: confirmed === '1' };
}

/**
 * Leases in Redis: one Lua script a verb. A pool that is missing, or was loaded under another replication id (a flush,
 * a restart, a promoted replica), is loaded from the lease history before it answers.
 */
export function createRedisLeaseStore(
  redis: RedisClient,
  history: PoolHistory & Pick<LeaseHistory, 'writeSigns'>,
  options: RedisLeaseOptions,
): RedisLeaseStore {
  const run = defineScripts(redis);
  const signs = createSignBuffer(history, {
    ...options,
    onRefused: async ({ trackerId, visitorId, number, leaseId, at }) => {
      options.onRenewalRefused();
      await learn(trackerId, { number, leaseId }, visitorId, at);
    },
  });
  const load = createPoolLoader(redis, run, history, signs.flush);

  /** Asks; where the pool must be loaded first, loads it or waits for who does, and asks again. */
  async function whenLoaded(ask: () => Promise<Reply>, pool: Pool, now?: Date): Promise<Reply> {
    for (let loads = 0; ; ) {
      const reply = await ask();
      if (reply[0] === 'again') continue;
      if (reply[0] !== 'absent') return reply;
      if (loads === LOADS) throw new Error(`pool ${pool.trackerId} could not be loaded`);
      loads += 1;
      await load(pool, now);
    }
  }

  const onPool = (verb: Verb, pool: Pool, args: (string | number)[], now?: Date): Promise<Reply> =>
    whenLoaded(async () => (await run(verb, pool.trackerId, [clock(now), ...args])) as Reply, pool, now);

  const acquire = createGatherer(async (asks: LeaseAsk[]) => {
    const { pool, now } = asks[0] as LeaseAsk;
    const args = asks.flatMap((ask) => [
      ask.visitorId,
      ask.leaseId,
      ask.ownSeconds * 1000,
      ask.pool.reservationSeconds * 1000,
      ask.pool.minReservationSeconds * 1000,
      ask.liveOnly ? 1 : 0,
    ]);
    return (await run('acquire', pool.trackerId, [clock(now), GRACE_MS, pool.version, ...args])) as Reply[];
  });

  const confirm = createGatherer(async (offers: LeaseOffer[], trackerId) => {
    const args = offers.flatMap(({ number, leaseId }) => [number, leaseId]);
    await run('confirm', trackerId, args);
    return offers.map(() => undefined);
  });

  /**
   * Takes over what the lease history says of this lease's number, if any, and of the one that the visitor holds
   * instead. Whether they hold one.
   */
  async function learn(
    trackerId: string,
    lease: Pick<LeaseOffer, 'number' | 'leaseId'> | null,
    visitorId: string,
    now?: Date,
  ): Promise<boolean> {
    const since = now ? null : performance.now();
    const { number = '', leaseId = '' } = lease ?? {};
    const numbers = lease ? [number] : [];
    const truths = await history.readNumbers(trackerId, { numbers, visitorId, now });
    const ofNumber = truths.filter((truth) => truth.number === number);
    const held = truths.filter((truth) => truth.number !== number && truth.open);
    const args = [...ofNumber, ...held].flatMap((truth) => truthArgs(truth, since));
    if (lease || held.length > 0) await run('correct', trackerId, [clock(now), number, leaseId, ...args]);
    return held.length > 0;
  }

  const correct: LeaseStore['correct'] = async (trackerId, offer, visitorId, now) => {
    await learn(trackerId, offer, visitorId, now);
  };

  /** A sign: acknowledged by Redis and on its way to the lease history, or asked of the lease history. */
  async function sign(
    verb: 'renew' | 'leave',
    pool: Pool,
    visitorId: string,
    ownSeconds: number,
    now?: Date,
  ): Promise<LeaseOffer | null> {
    const { trackerId, minReservationSeconds: minSeconds, version } = pool;
    const args = [visitorId, ownSeconds * 1000, minSeconds * 1000, GRACE_MS, version];
    const reply = await onPool(verb, pool, args, now);
    const offer = offerOf(reply);
    if (!offer) return null;
    const { leaseId, number, confirmed } = offer;
    const given = {
      leaseId,
      number,
      trackerId,
      visitorId,
      left: verb === 'leave',
      ownSeconds,
      minSeconds,
      at: now,
    };
    if (reply[0] === 'live') {
      signs.add(given);
      return offer;
    }
    const stands = await signs.ask(given);
    // An offer that is on its way to the history is not there yet: whoever asked for it will tell.
    if (stands || confirmed) await correct(trackerId, offer, visitorId, now);
    return stands ? { ...offer, confirmed: true } : null;
  }

  return {
    async acquire(ask) {
      const { pool, now } = ask;
      const name = `${pool.trackerId} ${pool.version} ${clock(now)}`;
      const offer = async () => offerOf(await whenLoaded(() => acquire(name, ask), pool, now));
      const first = await offer();
      if (first || ask.liveOnly) return first;
      // Nothing was offered that could be refused: only the history can tell of a lease that Redis does not know.
      return (await learn(pool.trackerId, null, ask.visitorId, now)) ? offer() : null;
    },
    confirm,
    correct,
    renew: (pool, visitorId, ownSeconds, now) => sign('renew', pool, visitorId, ownSeconds, now),
    leave: (pool, visitorId, ownSeconds, now) => sign('leave', pool, visitorId, ownSeconds, now),
    async release(pool, visitorId, now) {
      return offerOf((await run('release', pool.trackerId, [clock(now), visitorId])) as Reply);
    },
    async hold(trackerId, number, seconds, now) {
      await run('hold', trackerId, [clock(now), number, seconds * 1000]);
    },
    async retire(trackerId, number) {
      await run('retire', trackerId, [number]);
    },
    async inspect(pool, now) {
      const sum = { numbers: 0, leased: 0, free: 0 };
      let cursor = '0';
      do {
        const reply = await onPool('inspect', pool, [pool.version, cursor], now);
        const [, next, numbers, leased, free] = reply as [string, string, string, string, string];
        sum.numbers += Number(numbers);
        sum.leased += Number(leased);
        sum.free += Number(free);
        cursor = next;
      } while (cursor !== '0');
      return sum;
    },
    flush: signs.flush,
    close: signs.close,
  };
}
