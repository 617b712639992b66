import { Redis } from 'ioredis';
import pg from 'pg';
import { expect, it } from 'vitest';
import { makeWorkload } from '../../../scripts/simulate/make-workload.js';
import { createProduct, type Stores } from '../../../scripts/simulate/product.js';
import { run } from '../../../scripts/simulate/run.js';
import { score } from '../../../scripts/simulate/score.js';
import { needed } from '../../support/needed.js';
import { flushedRedis } from '../../support/redis.js';

const DATABASE_URL = needed('TEST_DATABASE_URL');

async function databases(): Promise<string[]> {
  const client = new pg.Client(DATABASE_URL);
  await client.connect();
  try {
    const { rows } = await client.query<{ datname: string }>(
      `select datname from pg_database where datname like 'dni\\_simulation\\_%'`,
    );
    return rows.map(({ datname }) => datname);
  } finally {
    await client.end();
  }
}

it.each(['Postgres', 'Postgres and Redis'])(
  'the product itself names most callers of a quiet pool rightly, and leaves nothing behind (%s)',
  async (where) => {
    const redis = where === 'Postgres' ? null : await flushedRedis();
    const stores: Stores = { DATABASE_URL, REDIS_URL: redis?.url };
    const workload = makeWorkload({ seed: 2, days: 0.25, visitsPerHour: 40, callers: 0.3, delays: 'mixed' });
    const before = await databases();
    const world = await createProduct(
      { numbers: 12, reservation: 1800, minReservation: 300, join: 'product' },
      stores,
    );
    const made = (await databases()).filter((name) => !before.includes(name));
    expect(made).toHaveLength(1);
    const result = await run(workload, world)
      .then(score)
      .finally(() => world.close());

    expect(result.visits).toBe(workload.filter(({ type }) => type === 'visit').length);
    expect(result.visits).toBeGreaterThan(60);
    expect(result.calls).toBe(workload.filter(({ type }) => type === 'call').length);
    expect(result.tracked_calls).toBe(result.calls);
    expect(result.blocked).toBe(0);
    expect(result.right).toBeGreaterThan(0.6);
    expect(result.right + result.wrong + result.unknown).toBeCloseTo(1, 5);
    expect(result.brier).toBeLessThan(0.2);
    expect(result.reliability).toHaveLength(10);
    expect(result.reliability.reduce((sum, { count }) => sum + count, 0)).toBe(result.tracked_calls);
    expect(result.thresholds['0.8'].right).toBeGreaterThan(0.3);
    expect(result.thresholds['0.5'].right).toBeGreaterThanOrEqual(result.thresholds['0.8'].right);

    expect(await databases()).not.toContain(made[0]);
    if (redis) {
      const client = new Redis(redis.url);
      expect(await client.keys('*')).toEqual([]);
      client.disconnect();
    }
  },
  120_000,
);
