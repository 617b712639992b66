import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Limiter } from '../../../../server/stores/limiter.js';
import { createLimiter } from '../../../../server/stores/redis/limiter.js';
import { flushedRedis } from '../../../support/redis.js';

const KEY = '192.0.2.1';

/** Takes so often and says how many were allowed, and the waits of those that were not. */
async function takeAll(limiter: Limiter, count: number, key = KEY) {
  const waits = [];
  for (let at = 0; at < count; at += 1) waits.push(await limiter.take(key));
  return { allowed: waits.filter((wait) => wait === 0).length, waits: waits.filter((wait) => wait > 0) };
}

describe.each([false, true])('a limiter (with Redis: %s)', (hasRedis) => {
  let redis: Redis | null = null;
  beforeAll(async () => {
    if (hasRedis) redis = new Redis((await flushedRedis()).url);
  });
  beforeEach(() => redis?.flushdb());
  afterAll(() => redis?.disconnect());
  const limiter = (points: number, seconds = 60) => createLimiter(redis, { name: 'test', points, seconds });

  it('allows so many, then says after how many seconds to come back', async () => {
    const { allowed, waits } = await takeAll(limiter(5), 9);
    expect(allowed).toBe(5);
    expect(waits).toHaveLength(4);
    for (const wait of waits) {
      expect(wait).toBeGreaterThan(0);
      expect(wait).toBeLessThanOrEqual(60);
    }
  });

  it('counts each key by itself', async () => {
    const some = limiter(2);
    await takeAll(some, 3);
    expect((await takeAll(some, 2, '192.0.2.2')).allowed).toBe(2);
  });

  it('passes a large limit by no more than a twentieth, and then allows none', async () => {
    const some = limiter(200);
    const { allowed } = await takeAll(some, 400);
    expect(allowed).toBeGreaterThanOrEqual(200);
    expect(allowed).toBeLessThan(210);
    expect((await takeAll(some, 50)).allowed).toBe(0);
  });

  it('allows again what was given back', async () => {
    const some = limiter(3);
    await takeAll(some, 3);
    some.giveBack(KEY);
    expect((await takeAll(some, 3)).allowed).toBe(1);
  });

  it('allows again when the time is over', async () => {
    const some = limiter(1, 1);
    expect((await takeAll(some, 2)).allowed).toBe(1);
    await expect.poll(() => some.take(KEY), { timeout: 10_000 }).toBe(0);
  });

  it('of no points does not count', async () => {
    expect((await takeAll(limiter(0), 100)).allowed).toBe(100);
  });
});

describe('a limiter in Redis', () => {
  let redis: Redis;
  beforeAll(async () => {
    redis = new Redis((await flushedRedis()).url);
  });
  afterAll(() => redis.disconnect());
  const limiter = (name: string, points: number) => createLimiter(redis, { name, points, seconds: 60 });

  it('counts for all servers together', async () => {
    const servers = [limiter('shared', 200), limiter('shared', 200)] as const;
    let allowed = 0;
    for (let at = 0; at < 300; at += 1) if ((await servers[(at % 2) as 0 | 1].take(KEY)) === 0) allowed += 1;
    expect(allowed).toBeGreaterThanOrEqual(200);
    expect(allowed).toBeLessThan(220);
  });

  it('asks nothing for a key far below its limit, and nothing more for one that is over', async () => {
    const asked = vi.spyOn(redis, 'sendCommand');
    onTestFinished(() => asked.mockRestore());
    const some = limiter('seldom', 600);
    await takeAll(some, 29);
    expect(asked).not.toHaveBeenCalled();
    await takeAll(some, 700);
    expect(asked).toHaveBeenCalled();
    asked.mockClear();
    expect((await takeAll(some, 100)).allowed).toBe(0);
    expect(asked).not.toHaveBeenCalled();
  });

  it('counts in memory while Redis is away', async () => {
    const away = new Redis('redis://127.0.0.1:1', {
      lazyConnect: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
    });
    away.on('error', () => {});
    const { allowed } = await takeAll(createLimiter(away, { name: 'away', points: 5, seconds: 60 }), 9);
    expect(allowed).toBe(5);
    away.disconnect();
  });
});
