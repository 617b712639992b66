import { afterAll, describe, expect, it } from 'vitest';
import { refusedWhileFree } from '../../../scripts/concurrency/free-numbers.js';
import { complaints, inconsistent, runConcurrency } from '../../../scripts/concurrency/run.js';
import { stopAll } from '../../../scripts/test/processes.mjs';
import { startRedisCluster } from '../../../scripts/test/redis-cluster.mjs';
import { startServer, type TestServer } from '../../support/server-process.js';
import { tempDir } from '../../support/temp-dir.js';

// The short form of `npm run concurrency`.

const SERVERS = 4;
const LOAD = {
  visitors: 400,
  connections: 60,
  pools: [
    { numbers: 50, share: 1, reservationSeconds: 4, minSeconds: 2 },
    { numbers: 100, share: 1, reservationSeconds: 1800, minSeconds: 300 },
  ],
};

const folder = tempDir();
afterAll(async () => {
  await stopAll();
  folder.remove();
});

describe.each(['postgres', 'redis cluster'])('four servers at once (%s)', (stores) => {
  it('never book twice, contradict themselves or refuse a visitor while a number is free', {
    timeout: 120_000,
  }, async () => {
    const env: Record<string, string> =
      stores === 'postgres' ? {} : { REDIS_URL: await startRedisCluster(folder.path) };
    const first = await startServer({ mode: 'postgres', env });
    const servers: TestServer[] = [first];
    try {
      const others = Array.from({ length: SERVERS - 1 }, () =>
        startServer({ mode: 'postgres', env: first.stores }),
      );
      servers.push(...(await Promise.all(others)));
      const found = await runConcurrency(
        {
          urls: servers.map(({ url }) => url),
          database: first.stores.DATABASE_URL ?? '',
          adminKey: first.adminKey,
        },
        LOAD,
      );
      expect(complaints(found)).toEqual([]);
      // Visitors were refused, and there were numbers for others.
      expect(found.refused).toBeGreaterThan(0);
      expect(found.leases).toBeGreaterThanOrEqual(150);
    } finally {
      for (const server of servers.reverse()) await server.stop();
    }
  });
});

describe('what the run would notice', () => {
  const lease = (number: string, leasedAt: number, lastSeenAt = leasedAt) => ({
    number,
    leasedAt,
    lastSeenAt,
  });
  const kept = { keptMs: 10, onTheWayMs: 1 };

  it('a visitor refused while a number was free', () => {
    const numbers = ['a', 'b'];
    const leases = [lease('a', 0, 100), lease('b', 50)];
    const refused = (askedAt: number, answeredAt: number) =>
      refusedWhileFree([{ askedAt, answeredAt }], numbers, leases, kept).length === 1;
    expect(refused(10, 20)).toBe(true);
    expect(refused(51, 55)).toBe(false);
    // One on its way to somebody when it was asked for.
    expect(refused(10, 49.5)).toBe(false);
    expect(refused(61, 70)).toBe(true);
    expect(refused(59, 70)).toBe(false);
    expect(refusedWhileFree([{ askedAt: 0, answeredAt: 5 }], ['c'], [], kept)).toHaveLength(1);
  });

  const shown = (number: string, askedAt: number) => ({
    number,
    visitor: 'v',
    lease: number,
    askedAt,
    answeredAt: askedAt + 5,
    promisedMs: 100,
  });

  it('a visitor who is told two numbers, or none, within a promise', () => {
    const told = (later: number) => inconsistent({ shown: [shown('a', 0), shown('b', later)], refusals: [] });
    expect(told(50)).toEqual(['v']);
    expect(told(100)).toEqual([]);
    const dropped = (at: number) =>
      inconsistent({
        shown: [shown('a', 0)],
        refusals: [{ visitor: 'v', isView: false, askedAt: at, answeredAt: at, at }],
      });
    expect(dropped(50)).toEqual(['v']);
    expect(dropped(100)).toEqual([]);
  });
});
