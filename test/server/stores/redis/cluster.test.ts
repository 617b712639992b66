import { Cluster, Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stopAll } from '../../../../scripts/test/processes.mjs';
import { startRedisCluster } from '../../../../scripts/test/redis-cluster.mjs';
import { poolOf } from '../../../../server/domain/leasing/pool.js';
import { newId } from '../../../../server/lib/ids.js';
import { connectRedis } from '../../../../server/stores/redis/connect.js';
import { createRedisLeaseStore } from '../../../../server/stores/redis/lease-store.js';
import { createLimiter } from '../../../../server/stores/redis/limiter.js';
import type { World } from '../../../suites/lease-store/world.js';
import { leaseStoreSuite, stageOf } from '../../../suites/lease-store.js';
import { tempDir } from '../../../support/temp-dir.js';

// A real cluster of three nodes.

let url: string;
const folder = tempDir();
const started = async () => {
  url ??= await startRedisCluster(folder.path);
  return { url };
};
afterAll(async () => {
  await stopAll();
  folder.remove();
});

leaseStoreSuite('in a Redis Cluster', { redis: started });

describe('in a Redis Cluster', () => {
  const given = stageOf({ redis: started });
  let cluster: Cluster;
  beforeAll(async () => {
    const client = await connectRedis(url, () => {});
    if (!(client instanceof Cluster)) throw new Error('one server was taken for a cluster');
    cluster = client;
  });
  afterAll(() => cluster.disconnect());

  /** The node that has a pool. */
  const nodeOf = async (trackerId: string) => {
    const slot = await cluster.cluster('KEYSLOT', `dni:{${trackerId}}:pool`);
    const ranges = await cluster.cluster('SLOTS');
    const range = ranges.find(([from, to]) => Number(from) <= slot && slot <= Number(to));
    return Number(range?.[2]?.[1]);
  };

  it('only the pools of a node that has lost its keys are loaded again', async () => {
    const world = await given(1);
    const loads: string[] = [];
    const store = createRedisLeaseStore(
      cluster,
      {
        numbersOf: async (trackerId) => {
          loads.push(trackerId);
          return [];
        },
        readNumbers: async () => [],
        writeSigns: async () => new Set(),
      },
      { isAway: () => false, onError: () => {}, onRenewalRefused: () => {} },
    );
    const pools = Array.from({ length: 30 }, () => ({ ...poolOf(world.tracker()), trackerId: newId() }));
    const askAll = (some: World['clock']) =>
      Promise.all(pools.map((pool) => store.inspect(pool, some.now())));
    await askAll(world.clock);
    expect(loads).toHaveLength(30);
    const nodes = await Promise.all(pools.map(({ trackerId }) => nodeOf(trackerId)));
    expect(new Set(nodes).size).toBe(3);

    loads.length = 0;
    const [lost = 0] = nodes;
    const node = new Redis(lost, '127.0.0.1');
    await node.flushall();
    node.disconnect();
    await askAll(world.clock);
    expect(loads.sort()).toEqual(
      pools.flatMap(({ trackerId }, at) => (nodes[at] === lost ? [trackerId] : [])).sort(),
    );
    await store.close();
  });

  it('limits are counted, whatever node has them', async () => {
    const limiter = createLimiter(cluster, { name: newId(), points: 2, seconds: 60 });
    for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4']) {
      const waits = [];
      for (let at = 0; at < 4; at += 1) waits.push((await limiter.take(address)) > 0);
      expect(waits).toEqual([false, false, true, true]);
    }
  });
});
