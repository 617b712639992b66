import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { poolOf } from '../../../../server/domain/leasing/pool.js';
import { newId } from '../../../../server/lib/ids.js';
import { createRedisLeaseStore } from '../../../../server/stores/redis/lease-store.js';
import type { PoolHistory } from '../../../../server/stores/redis/load-pool.js';
import { REST, type World } from '../../../suites/lease-store/world.js';
import { stageOf } from '../../../suites/lease-store.js';
import { flushedRedis } from '../../../support/redis.js';

// What Redis knew is lost between two steps; the lease history still has it.

let url: string;
let redis: Redis;
const given = stageOf({
  redis: async () => {
    ({ url } = await flushedRedis());
    return { url };
  },
});
beforeAll(() => {
  redis = new Redis(url);
});
afterAll(() => redis.disconnect());

const lose = () => redis.flushdb();

/** A lease store on a history that is not quite the real one. */
const storeOn = (history: PoolHistory) =>
  createRedisLeaseStore(
    redis,
    { ...history, writeSigns: async () => new Set() },
    {
      isAway: () => false,
      onError: (error) => {
        throw error;
      },
      onRenewalRefused: () => {},
    },
  );

const acquire = (world: World, visitorId: string) =>
  world.servers[0].leases.acquire({
    pool: poolOf(world.tracker()),
    visitorId,
    leaseId: newId(),
    ownSeconds: 1800,
    now: world.clock.now(),
  });

describe('a pool that Redis has lost', () => {
  it('is loaded again, with every lease', async () => {
    const world = await given(3);
    const visitors = [newId(), newId()];
    const before = [await world.lease(visitors[0] ?? ''), await world.lease(visitors[1] ?? '')];
    await lose();
    const after = [await world.lease(visitors[0] ?? ''), await world.lease(visitors[1] ?? '', { server: 1 })];
    expect(after.map((swap) => swap?.lease)).toEqual(before.map((swap) => swap?.lease));
    expect(await world.history()).toHaveLength(2);
  });

  it('gives no promised number away, even where the last renewals were not written yet', async () => {
    const world = await given(1);
    const visitor = newId();
    const swap = await world.lease(visitor);
    world.clock.pass(290);
    // Acknowledged by Redis; the server that took it dies before it writes it.
    expect(await world.renew(visitor)).not.toBeNull();
    await lose();
    world.clock.pass(20);
    expect(await world.lease(newId(), { server: 1 })).toBeNull();
    expect(await world.renew(visitor, { server: 1 })).toMatchObject({ leaseId: swap?.lease });
  });

  it('counts a lease that ran out a moment ago as held, one that ran out long ago as over', async () => {
    const world = await given(2);
    const [early, late] = [newId(), newId()];
    const first = await world.lease(early);
    world.clock.pass(100);
    await world.lease(late);
    world.clock.pass(1801);
    await lose();
    expect((await world.lease(newId()))?.number).toBe(first?.number);
    expect(await world.lease(newId())).toBeNull();
    expect(await world.live(late)).not.toBeNull();
  });

  it('remembers who held which number last', async () => {
    const world = await given(3);
    await world.lease(newId());
    world.clock.pass(10);
    const visitor = newId();
    const before = await world.lease(visitor);
    world.clock.pass(3600);
    await lose();
    expect((await world.lease(visitor))?.number).toBe(before?.number);
  });

  it('keeps the order of rest', async () => {
    const world = await given(2);
    const first = await world.lease(newId());
    world.clock.pass(10);
    await world.lease(newId());
    world.clock.pass(1800 + REST + 10);
    await lose();
    expect((await world.lease(newId()))?.number).toBe(first?.number);
  });

  it('does not show a number to two when it is lost between an offer and its commit', async () => {
    const world = await given(1);
    const visitor = newId();
    const offer = await acquire(world, visitor);
    await lose();
    const other = await world.lease(newId(), { server: 1 });
    // The first offer was never shown; its visitor asks again and is told that there is none.
    expect(other?.number).toBe(offer?.number);
    expect(await world.lease(visitor)).toBeNull();
  });

  it('is loaded once for many who ask at the same time', async () => {
    const world = await given(50);
    const visitors = Array.from({ length: 40 }, () => newId());
    const before = await Promise.all(visitors.map((visitor) => world.lease(visitor)));
    await lose();
    const after = await Promise.all(
      visitors.map((visitor, at) => world.lease(visitor, { server: at % 2 ? 1 : 0 })),
    );
    expect(after.map((swap) => swap?.lease)).toEqual(before.map((swap) => swap?.lease));
  });

  it('is loaded in chunks where it is large, and is not used before the last', async () => {
    const world = await given(2);
    await lose();
    const numbers = Array.from({ length: 2_500 }, (_, at) => `+1999${1_000_000 + at}`);
    const store = storeOn({
      numbersOf: async () => numbers,
      readNumbers: async (_, ask) =>
        ask.numbers.map((number) => ({
          number,
          leaseId: null,
          visitorId: null,
          assignment: 'exclusive' as const,
          open: false,
          signAge: null,
          promisedFor: -1e6,
          reservedFor: -1e6,
        })),
    });
    const pool = { ...poolOf(world.tracker()), trackerId: newId() };
    expect(await store.inspect(pool, world.clock.now())).toEqual({ numbers: 2_500, leased: 0, free: 2_500 });
  });

  it('is loaded by the next who asks where the first could not read the history', async () => {
    const world = await given(1);
    await lose();
    let failures = 1;
    const { history } = world.servers[0];
    const store = storeOn({
      ...history,
      readNumbers: async (trackerId, ask) => {
        if (failures-- > 0) throw new Error('the history is away');
        return history.readNumbers(trackerId, ask);
      },
    });
    const ask = {
      pool: poolOf(world.tracker()),
      visitorId: newId(),
      leaseId: newId(),
      ownSeconds: 1800,
      now: world.clock.now(),
    };
    await expect(store.acquire(ask)).rejects.toThrow('the history is away');
    expect(await store.acquire(ask)).toMatchObject({ leaseId: ask.leaseId });
  });

  it('is not waited for without end while it is loaded, and other pools go on', async () => {
    const world = await given(1);
    await lose();
    const { history } = world.servers[0];
    const slow = newId();
    let arrived = (_: string[]) => {};
    const store = storeOn({
      ...history,
      numbersOf: (trackerId) =>
        trackerId === slow
          ? new Promise((resolve) => {
              arrived = resolve;
            })
          : history.numbersOf(trackerId),
    });
    const pool = poolOf(world.tracker());
    const now = world.clock.now();
    const ask = { visitorId: newId(), leaseId: newId(), ownSeconds: 1800, now };
    const waiting = expect(store.acquire({ ...ask, pool: { ...pool, trackerId: slow } })).rejects.toThrow(
      'is being loaded',
    );
    expect(await store.acquire({ ...ask, pool })).toMatchObject({ leaseId: ask.leaseId });
    await waiting;
    // The loading went on without who gave up.
    arrived([]);
    expect(await store.inspect({ ...pool, trackerId: slow }, now)).toMatchObject({ numbers: 0 });
  });

  it('is loaded anew where another Redis answers: a restart, or a replica that was promoted', async () => {
    const world = await given(1);
    const visitor = newId();
    const swap = await world.lease(visitor);
    // What an old replica would say: nobody holds the number, loaded under another replication id.
    const { id } = world.tracker();
    await redis.hset(`dni:{${id}}:pool`, 'id', '0'.repeat(40));
    await redis.hdel(`dni:{${id}}:visitors`, visitor);
    await redis.hset(`dni:{${id}}:numbers`, swap?.number ?? '', '- - 1 exclusive 0 0 0');
    await redis.zadd(`dni:{${id}}:exclusive`, 0, swap?.number ?? '');
    await redis.zadd(`dni:{${id}}:elastic`, 0, swap?.number ?? '');
    expect(await world.lease(newId())).toBeNull();
    expect(await world.live(visitor)).toMatchObject({ leaseId: swap?.lease });
    expect(world.servers.map((server) => server.refused())).toEqual([0, 0]);
  });
});

describe('the memory of a pool', () => {
  it('does not grow with the visitors', async () => {
    const world = await given(2, { reservation_seconds: 10, min_reservation_seconds: 10 });
    for (let at = 0; at < 10; at += 1) {
      await world.lease(newId());
      world.clock.pass(10 + REST);
    }
    const { id } = world.tracker();
    expect(await redis.hlen(`dni:{${id}}:visitors`)).toBe(2);
    expect(await redis.hlen(`dni:{${id}}:numbers`)).toBe(2);
    expect(await redis.zcard(`dni:{${id}}:exclusive`)).toBe(2);
    expect(await redis.zcard(`dni:{${id}}:elastic`)).toBe(2);
  });

  it('lies under one hash tag, so that a cluster keeps it together', async () => {
    const world = await given(1);
    await lose();
    await world.lease(newId());
    const keys = await redis.keys('*');
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) expect(key).toContain(`dni:{${world.tracker().id}}:`);
  });
});
