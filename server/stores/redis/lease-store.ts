import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { newId } from '../../lib/ids.js';
import type { LeaseAssignment, LeaseOffer, LeaseStore, NumberTruth, Pool } from '../lease-store.js';
import { defineScripts, loadingKey, numbersKey, type Verb } from './scripts.js';
import type { SignBuffer } from './sign-buffer.js';

/** Renewals reach Postgres within 1 s; a number is offered to others that much, and as much again, later. */
const GRACE_MS = 2_000;
const LOAD_LOCK_MS = 10_000;
const LOAD_WAIT_MS = 5_000;
const CHUNK = 1_000;

type Reply = [status: string, ...fields: string[]];

/** What the lease history says of every number of a pool: how the store fills itself. */
export type ReadPool = (trackerId: string, now?: Date) => Promise<NumberTruth[]>;

const clock = (now?: Date) => (now ? now.getTime() : '');

const truthArgs = (truth: NumberTruth) => [
  truth.open ? (truth.leaseId ?? '-') : '-',
  truth.visitorId ?? '-',
  truth.assignment,
  truth.signAge === null ? '' : Math.round(truth.signAge),
  Math.round(truth.promisedFor),
  Math.round(truth.reservedFor),
];

function offerOf(reply: Reply): LeaseOffer | null {
  if (reply[0] !== 'live' && reply[0] !== 'new') return null;
  const [, number, leaseId, assignment, confirmed] = reply as [
    string,
    string,
    string,
    LeaseAssignment,
    string,
  ];
  return { number, leaseId, assignment, confirmed: confirmed === '1' };
}

/**
 * Leases in Redis: one Lua script a verb. A pool that is missing, or was loaded under another replication id (a flush,
 * a restart, a promoted replica), is loaded from the lease history before it answers.
 */
export function createRedisLeaseStore(redis: Redis, readPool: ReadPool, signs: SignBuffer): LeaseStore {
  const run = defineScripts(redis);

  async function load(pool: Pool, now?: Date): Promise<void> {
    const key = loadingKey(pool.trackerId);
    const token = newId();
    if ((await redis.set(key, token, 'PX', LOAD_LOCK_MS, 'NX')) !== 'OK') {
      await sleep(20);
      return;
    }
    try {
      await fill(pool, token, now);
    } catch (error) {
      // The next one need not wait for our lock to run out; were it another's by now, that one would load in vain once.
      await redis.del(key);
      throw error;
    }
  }

  async function fill(pool: Pool, token: string, now?: Date): Promise<void> {
    // What this process has acknowledged and not yet written is part of the history.
    await signs.flush();
    const truths = await readPool(pool.trackerId, now);
    // Numbers that left the pool without our being told: each would be offered once, and refused.
    const members = new Set(truths.map((truth) => truth.number));
    for (const number of await redis.hkeys(numbersKey(pool.trackerId))) {
      if (!members.has(number)) await run('retire', pool.trackerId, [number]);
    }
    for (let from = 0; from === 0 || from < truths.length; from += CHUNK) {
      const mode = [from === 0 ? 'first' : 'more', from + CHUNK >= truths.length ? 'last' : ''].join('+');
      const args = truths.slice(from, from + CHUNK).flatMap((truth) => [truth.number, ...truthArgs(truth)]);
      if ((await run('load', pool.trackerId, [clock(now), token, mode, pool.version, ...args])) === 0) return;
    }
  }

  /** Runs a verb; where the pool must be loaded first, loads it or waits for who does. */
  async function onPool(verb: Verb, pool: Pool, args: (string | number)[], now?: Date): Promise<Reply> {
    const deadline = performance.now() + LOAD_WAIT_MS;
    for (;;) {
      const reply = (await run(verb, pool.trackerId, [clock(now), ...args])) as Reply;
      if (reply[0] !== 'absent') return reply;
      if (performance.now() > deadline) throw new Error(`pool ${pool.trackerId} could not be loaded`);
      await load(pool, now);
    }
  }

  /** A sign: acknowledged by Redis, on its way to the lease history. */
  async function sign(
    verb: 'renew' | 'leave',
    pool: Pool,
    visitorId: string,
    ownSeconds: number,
    now?: Date,
  ) {
    const minSeconds = pool.minReservationSeconds;
    const args = [visitorId, ownSeconds * 1000, minSeconds * 1000, pool.version];
    const offer = offerOf(await onPool(verb, pool, args, now));
    if (offer) signs.add({ leaseId: offer.leaseId, left: verb === 'leave', ownSeconds, minSeconds, at: now });
    return offer;
  }

  return {
    async acquire({ pool, visitorId, leaseId, ownSeconds, liveOnly, now }) {
      const args = [
        visitorId,
        leaseId,
        ownSeconds * 1000,
        pool.reservationSeconds * 1000,
        pool.minReservationSeconds * 1000,
        GRACE_MS,
        pool.version,
        liveOnly ? 1 : 0,
      ];
      return offerOf(await onPool('acquire', pool, args, now));
    },
    async confirm(trackerId, offer) {
      await run('confirm', trackerId, [offer.number, offer.leaseId]);
    },
    async correct(trackerId, offer, truth, now) {
      const args = truth ? truthArgs(truth) : [];
      await run('correct', trackerId, [clock(now), offer.number, offer.leaseId, ...args]);
    },
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
      const [, numbers, leased, free] = await onPool('inspect', pool, [pool.version], now);
      return { numbers: Number(numbers), leased: Number(leased), free: Number(free) };
    },
  };
}
