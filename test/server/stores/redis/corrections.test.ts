import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { poolOf } from '../../../../server/domain/leasing/pool.js';
import { newId } from '../../../../server/lib/ids.js';
import { createRedisLeaseStore } from '../../../../server/stores/redis/lease-store.js';
import { REST, type World } from '../../../suites/lease-store/world.js';
import { stageOf } from '../../../suites/lease-store.js';
import { flushedRedis } from '../../../support/redis.js';
import { virtualClock } from '../../../support/virtual-clock.js';

// Redis is wrong about a lease, or about the time: the lease history puts it right.

const HOUR = 3600;

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

const flush = (world: World) => world.servers[0].flush();
const counts = (world: World) => world.servers[1].leases.inspect(poolOf(world.tracker()), world.clock.now());
const refused = (world: World) => world.servers[0].refused() + world.servers[1].refused();

async function holder(world: World) {
  const visitor = newId();
  const swap = await world.lease(visitor);
  if (!swap?.lease) throw new Error('the pool is short');
  return { visitor, number: swap.number, lease: swap.lease };
}

/** Ends a lease in the history; Redis is not told. */
const endBySql = (world: World, lease: string) =>
  world.sql(
    `with ended as (
      update leases set ended_at = $2, end_reason = 'withdrawn' where id = $1 returning number
    )
    update numbers set visitor_id = null from ended where numbers.number = ended.number`,
    [lease, world.clock.now()],
  );

/** Gives a number to a visitor in the history; Redis is not told. */
const leaseBySql = async (world: World, visitor: string, number: string) => {
  const at = world.clock.now().getTime();
  const times = [0, 0, 300_000, 1800_000].map((ms) => new Date(at + ms));
  const id = newId();
  await world.sql(
    `insert into leases (
      id, site_id, tracker_id, number, visitor_id, assignment, leased_at, last_seen_at, promised_until, reserved_until
    )
    values ($1, $2, $3, $4, $5, 'elastic', $6, $7, $8, $9)`,
    [id, world.site.id, world.tracker().id, number, visitor, ...times],
  );
  return id;
};

/** A history of numbers that nobody has held. */
const neverLeased = (numbers: string[]): Parameters<typeof createRedisLeaseStore>[1] => ({
  numbersOf: async () => numbers,
  readNumbers: async (_, ask) =>
    ask.numbers.map((number) => ({
      number,
      leaseId: null,
      visitorId: null,
      assignment: 'exclusive',
      open: false,
      signAge: null,
      promisedFor: -1e9,
      reservedFor: -1e9,
    })),
  writeSigns: async () => new Set(),
});

describe('a renewal that the lease history refuses', () => {
  it('is acknowledged once; then Redis knows that the lease has ended, and it is counted', async () => {
    const world = await given(1);
    const { visitor, lease } = await holder(world);
    const before = world.servers[0].renewalsRefused();
    await endBySql(world, lease);
    world.clock.pass(60);
    expect(await world.renew(visitor)).not.toBeNull();
    await flush(world);
    expect(world.servers[0].renewalsRefused()).toBe(before + 1);
    expect(await world.renew(visitor)).toBeNull();
    expect(await world.live(visitor)).toBeNull();
    expect(await counts(world)).toMatchObject({ leased: 0 });
  });

  it('tells Redis of the lease that the visitor has instead', async () => {
    const world = await given(2);
    const { visitor, number, lease } = await holder(world);
    await endBySql(world, lease);
    const other = world.tracker().numbers.find((one) => one !== number) ?? '';
    const instead = await leaseBySql(world, visitor, other);
    await world.renew(visitor);
    await flush(world);
    expect(await world.live(visitor)).toMatchObject({ leaseId: instead, number: other });
  });

  it('does nothing to a lease of the number that came after', async () => {
    const world = await given(1);
    const { visitor, lease } = await holder(world);
    await world.renew(visitor);
    await endBySql(world, lease);
    world.clock.pass(300 + REST);
    const next = newId();
    // The sign of the one before is still on its way when the next one has the number.
    const swap = await world.lease(next, { server: 1 });
    await flush(world);
    expect(await world.live(next)).toMatchObject({ leaseId: swap?.lease });
  });
});

describe('a renewal after its promise', () => {
  it('is asked of the lease history, and is in it before it is answered', async () => {
    const world = await given(1);
    const { visitor, lease } = await holder(world);
    world.clock.pass(900);
    expect(await world.renew(visitor)).toMatchObject({ leaseId: lease, confirmed: true });
    expect((await world.history())[0]).toMatchObject({ last_seen_at: world.clock.now() });
    // From now on Redis takes them again.
    world.clock.pass(60);
    await world.renew(visitor, { server: 1 });
    expect((await world.history())[0]).not.toMatchObject({ last_seen_at: world.clock.now() });
    await world.servers[1].flush();
  });

  it('is refused where another was given the number, though Redis does not know', async () => {
    const world = await given(1);
    const { visitor, lease, number } = await holder(world);
    world.clock.pass(900);
    await endBySql(world, lease);
    const stranger = newId();
    const theirs = await leaseBySql(world, stranger, number);
    expect(await world.renew(visitor)).toBeNull();
    expect(await world.live(visitor)).toBeNull();
    expect(await world.live(stranger)).toMatchObject({ leaseId: theirs });
  });

  it('does nothing to an offer that is on its way to the lease history', async () => {
    const world = await given(1);
    const visitor = newId();
    const ask = { pool: poolOf(world.tracker()), visitorId: visitor, leaseId: newId(), ownSeconds: 1800 };
    const offer = await world.servers[0].leases.acquire({ ...ask, now: world.clock.now() });
    expect(await world.renew(visitor, { server: 1 })).toBeNull();
    expect(await world.lease(visitor)).toMatchObject({ lease: offer?.leaseId });
  });
});

describe('a visitor whose lease Redis does not know', () => {
  it('is told it after one refusal, whatever number was offered', async () => {
    const world = await given(20);
    await holder(world);
    const visitor = newId();
    const last = world.tracker().numbers.at(-1) ?? '';
    const lease = await leaseBySql(world, visitor, last);
    const before = refused(world);
    expect(await world.lease(visitor)).toMatchObject({ number: last, lease });
    expect(refused(world)).toBe(before + 1);
    expect(await world.renew(visitor)).toMatchObject({ leaseId: lease });
  });

  it('is told it even where Redis has offered every number to others', async () => {
    const world = await given(1);
    const visitor = newId();
    const [number = ''] = world.tracker().numbers;
    const ask = { pool: poolOf(world.tracker()), ownSeconds: 1800, now: world.clock.now() };
    // An offer that is never committed.
    await world.servers[0].leases.acquire({ ...ask, visitorId: newId(), leaseId: newId() });
    const lease = await leaseBySql(world, visitor, number);
    expect(await world.lease(visitor)).toMatchObject({ number, lease });
    expect(await world.lease(newId())).toBeNull();
  });

  it('leaves the number that was offered to others', async () => {
    const world = await given(2);
    const visitor = newId();
    await world.live(visitor);
    await leaseBySql(world, visitor, world.tracker().numbers.at(-1) ?? '');
    await world.lease(visitor);
    expect((await world.lease(newId()))?.number).toBe(world.tracker().numbers[0]);
  });
});

describe("Redis' clock", () => {
  it('is set back an hour: nothing is given away, and numbers do not wait an hour longer', async () => {
    const world = await given(2);
    const [one, other] = [await holder(world), await holder(world)];
    world.clock.pass(200);
    await world.stepRedisClock(-HOUR);
    expect(await world.lease(newId())).toBeNull();
    world.clock.pass(10);
    expect(await world.renew(one.visitor)).toMatchObject({ leaseId: one.lease });
    // The other one goes. What was not surely over when the pool was loaded counts as seen then.
    world.clock.pass(290 + REST);
    expect(await world.lease(newId())).toMatchObject({ number: other.number, assignment: 'elastic' });
    await world.stepRedisClock(HOUR);
  });

  it('is set on an hour: nothing is given away, who holds a number keeps it', async () => {
    const world = await given(2);
    const [one, other] = [await holder(world), await holder(world)];
    world.clock.pass(100);
    await world.stepRedisClock(HOUR);
    expect(await world.lease(newId())).toBeNull();
    expect(await world.lease(other.visitor)).toMatchObject({ lease: other.lease });
    world.clock.pass(10);
    expect(await world.renew(one.visitor)).toMatchObject({ leaseId: one.lease });
    world.clock.pass(290 + REST);
    expect(await world.lease(newId())).toMatchObject({ number: other.number });
    await world.stepRedisClock(-HOUR);
  });
});

describe('the orders of a pool', () => {
  const zcard = (trackerId: string, part: string) => redis.zcard(`dni:{${trackerId}}:${part}`);

  it('lose numbers that calls keep until their time is over, more than one call may move', async () => {
    const numbers = Array.from({ length: 601 }, (_, at) => `+1999${1_000_000 + at}`);
    const store = createRedisLeaseStore(redis, neverLeased(numbers), {
      isAway: () => false,
      onError: () => {},
      onRenewalRefused: () => {},
    });
    const windows = { reservationSeconds: 1800, minReservationSeconds: 300 };
    const pool = { trackerId: newId(), siteId: newId(), version: 1, ...windows };
    const clock = virtualClock();
    const acquire = () =>
      store.acquire({ pool, visitorId: newId(), leaseId: newId(), ownSeconds: 1800, now: clock.now() });
    await store.inspect(pool, clock.now());
    const [free, ...kept] = [...numbers].reverse();
    await Promise.all(kept.map((number) => store.hold(pool.trackerId, number, 5000, clock.now())));

    expect((await acquire())?.number).toBe(free);
    expect(await zcard(pool.trackerId, 'exclusive-later')).toBe(600);
    expect(await zcard(pool.trackerId, 'exclusive')).toBe(1);
    // The pool is short now.
    expect(await acquire()).toMatchObject({ assignment: 'elastic' });
    clock.pass(5000 + REST);
    expect(await acquire()).toMatchObject({ assignment: 'exclusive' });
    expect(await zcard(pool.trackerId, 'exclusive-later')).toBe(0);
    expect(await zcard(pool.trackerId, 'exclusive')).toBe(601);
    await store.close();
  });

  it('keep a promise that is longer than the window of today, and pass it over once', async () => {
    const world = await given(2, { reservation_seconds: 3000, min_reservation_seconds: 3000 });
    const early = await holder(world);
    world.clock.pass(100);
    await world.patch({ reservation_seconds: 60, min_reservation_seconds: 60 });
    const late = await holder(world);
    world.clock.pass(60 + REST);
    expect((await world.lease(newId()))?.number).toBe(late.number);
    expect(await zcard(world.tracker().id, 'elastic-later')).toBe(0);
    expect(await world.lease(newId())).toBeNull();
    expect(await zcard(world.tracker().id, 'elastic-later')).toBe(1);
    world.clock.pass(2840);
    expect((await world.lease(newId()))?.number).toBe(early.number);
  });
});
