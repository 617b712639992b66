import type { Redis } from 'ioredis';
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
} from 'rate-limiter-flexible';
import type { Limiter } from '../limiter.js';

/**
 * A limiter of so many points in so many seconds: counted in Redis where there is one, for all servers together, and
 * in memory without, or while Redis is away. 0 points: no limit.
 */
export function createLimiter(
  redis: Redis | null,
  options: { name: string; points: number; seconds: number },
): Limiter {
  const { name, points, seconds } = options;
  if (points === 0) return { take: async () => true, giveBack: async () => {} };
  const common = { keyPrefix: `dni:limit:${name}`, points, duration: seconds };
  const memory = new RateLimiterMemory(common);
  const limiter: RateLimiterAbstract = redis
    ? new RateLimiterRedis({
        ...common,
        storeClient: redis,
        insuranceLimiter: memory,
        // Once an address is over, its further requests cost no round trip.
        inMemoryBlockOnConsumed: points + 1,
      })
    : memory;
  return {
    async take(address) {
      try {
        await limiter.consume(address);
        return true;
      } catch (reason) {
        // A limit that cannot be counted is no reason to turn visitors away.
        return !(reason instanceof RateLimiterRes);
      }
    },
    async giveBack(address) {
      await limiter.reward(address).catch(() => {});
    },
  };
}
