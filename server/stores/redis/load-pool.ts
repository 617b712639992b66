import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '../../lib/ids.js';
import type { LeaseHistory } from '../lease-history.js';
import type { NumberTruth, Pool } from '../lease-store.js';
import type { RedisClient } from './connect.js';
import { keyOf, type RunScript } from './scripts.js';

/** Kept on with every step: a loader that died is followed by another after so long. */
const LOCK_MS = 10_000;
const POLL_MS = 50;
/** Numbers a step: a few milliseconds, for Redis and for us. */
const CHUNK = 500;
/** How long a request waits for a pool; the loading goes on without it. The script on the page waits 2.5 s. */
const WAIT_MS = 2_000;

export type PoolHistory = Pick<LeaseHistory, 'numbersOf' | 'readNumbers'>;

export const clock = (now?: Date): number | '' => (now ? now.getTime() : '');

/** What the history says of a number, as lua/preamble.lua takes it; `since`: when it was read, by performance.now(). */
export function truthArgs(truth: NumberTruth, since: number | null): (string | number)[] {
  const gone = since === null ? 0 : performance.now() - since;
  return [
    truth.number,
    truth.open ? (truth.leaseId ?? '-') : '-',
    truth.visitorId ?? '-',
    truth.assignment,
    // A history whose clock was set back may have seen it later than now.
    truth.signAge === null ? '' : Math.max(0, Math.round(truth.signAge + gone)),
    Math.round(truth.promisedFor - gone),
    Math.round(truth.reservedFor - gone),
  ];
}

/** A lease that is not surely over counts as seen this moment: nobody who was promised a number loses it. */
const asSeenNow = (truth: NumberTruth, pool: Pool): NumberTruth =>
  truth.open
    ? { ...truth, signAge: 0, reservedFor: Math.max(truth.reservedFor, pool.reservationSeconds * 1000) }
    : truth;

/**
 * Fills Redis from the lease history, one loader a pool. Returns a function that resolves when the pool may be asked
 * again, and rejects where it could not be loaded, or not soon enough.
 */
export function createPoolLoader(
  redis: RedisClient,
  run: RunScript,
  history: PoolHistory,
  flush: () => Promise<void>,
): (pool: Pool, now?: Date) => Promise<void> {
  const loading = new Map<string, Promise<void>>();

  async function load(pool: Pool, now?: Date): Promise<void> {
    const key = keyOf(pool.trackerId, 'loading');
    const token = newId();
    if ((await redis.set(key, token, 'PX', LOCK_MS, 'NX')) !== 'OK') {
      while ((await redis.exists(key)) === 1) await sleep(POLL_MS);
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
    const step = (...args: (string | number)[]) =>
      run('load', pool.trackerId, [clock(now), token, LOCK_MS, ...args]);
    // What this process has acknowledged and not yet written is part of the history.
    await flush();
    const numbers = await history.numbersOf(pool.trackerId);
    const begun = await step('first');
    if (begun === 0) return;
    if (begun === 2) await retireOthers(pool, new Set(numbers));
    for (let from = 0; from < numbers.length; from += CHUNK) {
      const since = now ? null : performance.now();
      const chunk = numbers.slice(from, from + CHUNK);
      const truths = await history.readNumbers(pool.trackerId, { numbers: chunk, now });
      const args = truths.flatMap((truth) => truthArgs(asSeenNow(truth, pool), since));
      if ((await step('more', ...args)) === 0) return;
    }
    await step('last', pool.version);
  }

  /** Numbers that left the pool without our being told: each would be offered once, and refused. */
  async function retireOthers(pool: Pool, members: Set<string>): Promise<void> {
    let cursor = '0';
    do {
      const [next, fields] = await redis.hscan(keyOf(pool.trackerId, 'numbers'), cursor, 'COUNT', CHUNK);
      const others = fields.filter((number, at) => at % 2 === 0 && !members.has(number));
      for (const number of others) await run('retire', pool.trackerId, [number]);
      cursor = next;
    } while (cursor !== '0');
  }

  function loadOnce(pool: Pool, now?: Date): Promise<void> {
    const running = loading.get(pool.trackerId);
    if (running) return running;
    const started = load(pool, now).finally(() => loading.delete(pool.trackerId));
    loading.set(pool.trackerId, started);
    return started;
  }

  return async (pool, now) => {
    const late = new AbortController();
    const tooLate = sleep(WAIT_MS, undefined, { signal: late.signal }).then(() => {
      throw new Error(`pool ${pool.trackerId} is being loaded`);
    });
    // Told when the wait was given up in time.
    tooLate.catch(() => {});
    try {
      await Promise.race([loadOnce(pool, now), tooLate]);
    } finally {
      late.abort();
    }
  };
}
