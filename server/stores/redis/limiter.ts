import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
} from 'rate-limiter-flexible';
import type { Limiter } from '../limiter.js';
import type { RedisClient } from './connect.js';

/** A server tells the shared count after this part of the points, so it may let that much more through. */
const UNTOLD_PART = 20;
const MAX_UNTOLD = 500;
/** Keys whose points are not told yet; past it they are forgotten, so that memory does not grow with addresses. */
const MAX_KEYS = 100_000;

/**
 * A limiter of so many points in so many seconds: counted in Redis where there is one, for all servers together, and
 * in memory without, or while Redis is away. Points are told to that count some at a time, so that a key far below its
 * limit costs no round trip. 0 points: no limit.
 */
export function createLimiter(
  redis: RedisClient | null,
  options: { name: string; points: number; seconds: number },
): Limiter {
  const { name, points, seconds } = options;
  if (points === 0) return { take: async () => 0, giveBack: () => {} };
  const common = { keyPrefix: `dni:limit:${name}`, points, duration: seconds };
  const memory = new RateLimiterMemory(common);
  const counted: RateLimiterAbstract = redis
    ? new RateLimiterRedis({
        ...common,
        storeClient: redis,
        insuranceLimiter: memory,
        // Once a key is over, its further requests cost no round trip.
        inMemoryBlockOnConsumed: points + 1,
      })
    : memory;
  const atOnce = Math.max(1, Math.min(MAX_UNTOLD, Math.floor(points / UNTOLD_PART)));

  let untold = new Map<string, number>();
  let since = performance.now();

  /** Adds to what is not told yet and returns it. */
  function add(key: string, more: number): number {
    const now = performance.now();
    if (untold.size >= MAX_KEYS || now - since > seconds * 1000) {
      untold = new Map();
      since = now;
    }
    const sum = (untold.get(key) ?? 0) + more;
    untold.set(key, sum);
    return sum;
  }

  return {
    async take(key) {
      const sum = add(key, 1);
      if (sum < atOnce) return 0;
      untold.delete(key);
      try {
        await counted.consume(key, sum);
        return 0;
      } catch (reason) {
        // A limit that cannot be counted is no reason to turn visitors away.
        if (!(reason instanceof RateLimiterRes)) return 0;
        // The next one is asked for at once.
        untold.set(key, atOnce - 1);
        return Math.max(1, Math.ceil(reason.msBeforeNext / 1000));
      }
    },
    giveBack: (key) => void add(key, -1),
  };
}
