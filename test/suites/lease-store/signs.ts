import { expect, it } from 'vitest';
import { newId } from '../../../server/lib/ids.js';
import type { Given } from '../lease-store.js';
import { REST, type World } from './world.js';

async function holder(world: World) {
  const visitor = newId();
  const swap = await world.lease(visitor);
  if (!swap?.lease) throw new Error('the pool is short');
  return { visitor, number: swap.number, lease: swap.lease };
}

const settle = async (world: World) => {
  for (const server of world.servers) await server.flush();
};

export function signs(given: Given): void {
  it('of the holder lengthen the promise and the reservation', async () => {
    const world = await given(1);
    const { visitor, lease } = await holder(world);
    world.clock.pass(250);
    const renewed = await world.renew(visitor, { server: 1 });
    expect(renewed).toMatchObject({ leaseId: lease, confirmed: true });
    await settle(world);
    const now = world.clock.now().getTime();
    expect((await world.history())[0]).toMatchObject({
      last_seen_at: new Date(now),
      promised_until: new Date(now + 300_000),
      reserved_until: new Date(now + 1800_000),
    });
    world.clock.pass(299);
    expect(await world.lease(newId())).toBeNull();
    expect((await world.renew(visitor))?.leaseId).toBe(lease);
  });

  it('of a further view lengthen them too', async () => {
    const world = await given(1);
    const { visitor } = await holder(world);
    world.clock.pass(250);
    await world.lease(visitor);
    world.clock.pass(299);
    expect(await world.lease(newId())).toBeNull();
  });

  it('keep a lease over many windows, under the same id', async () => {
    const world = await given(1);
    const { visitor, lease } = await holder(world);
    for (let at = 0; at < 10; at += 1) {
      world.clock.pass(1700);
      expect((await world.renew(visitor, { server: at % 2 ? 1 : 0 }))?.leaseId).toBe(lease);
    }
    await settle(world);
    expect(await world.history()).toHaveLength(1);
  });

  it('of one who holds nothing are refused and keep nothing', async () => {
    const world = await given(1);
    await holder(world);
    world.clock.pass(250);
    const stranger = newId();
    expect(await world.renew(stranger)).toBeNull();
    expect(await world.leave(stranger)).toBeNull();
    world.clock.pass(50 + REST);
    expect(await world.lease(newId())).not.toBeNull();
  });

  it('of one whose lease ran out are refused', async () => {
    const world = await given(2);
    const { visitor } = await holder(world);
    world.clock.pass(1800 + REST);
    expect(await world.renew(visitor)).toBeNull();
    expect(await world.leave(visitor)).toBeNull();
    expect(await world.live(visitor)).toBeNull();
  });

  it('of one whose number another holds now are refused and do nothing to that one', async () => {
    const world = await given(1);
    const before = await holder(world);
    world.clock.pass(300 + REST);
    const after = await holder(world);
    const pool = {
      trackerId: world.tracker().id,
      siteId: world.site.id,
      version: world.tracker().pool_version,
      reservationSeconds: 1800,
      minReservationSeconds: 300,
    };
    const { leases } = world.servers[1];
    expect(await leases.renew(pool, before.visitor, 1800, world.clock.now())).toBeNull();
    expect(await leases.leave(pool, before.visitor, 1800, world.clock.now())).toBeNull();
    expect(await leases.release(pool, before.visitor, world.clock.now())).toBeNull();
    expect(await world.live(after.visitor)).toMatchObject({ leaseId: after.lease });
  });

  it('of leaving keep the number for the whole window, and are told apart until the next', async () => {
    const world = await given(1);
    const { visitor, lease } = await holder(world);
    const leftAt = async () => {
      await settle(world);
      const [row] = await world.sql<{ left_at: Date | null }>('select left_at from leases where id = $1', [
        lease,
      ]);
      return row?.left_at;
    };
    world.clock.pass(250);
    expect(await world.leave(visitor)).toMatchObject({ leaseId: lease });
    expect(await leftAt()).toEqual(world.clock.now());
    world.clock.pass(299);
    expect(await world.lease(newId())).toBeNull();
    expect(await world.renew(visitor)).toMatchObject({ leaseId: lease });
    expect(await leftAt()).toBeNull();
  });

  it('end when a visitor withdraws: the lease is over, the number rests out its promise', async () => {
    const world = await given(1);
    const { visitor } = await holder(world);
    world.clock.pass(100);
    await world.withdraw(visitor);
    expect(await world.live(visitor)).toBeNull();
    expect(await world.renew(visitor)).toBeNull();
    expect((await world.history())[0]).toMatchObject({ end_reason: 'withdrawn' });
    world.clock.pass(199);
    expect(await world.lease(newId())).toBeNull();
    world.clock.pass(1 + REST);
    expect(await world.lease(newId())).not.toBeNull();
  });

  it('do not bring one who withdrew back to their number', async () => {
    const world = await given(2);
    const { visitor, number } = await holder(world);
    world.clock.pass(10);
    const other = await holder(world);
    await world.withdraw(other.visitor);
    world.clock.pass(1800 + REST);
    // The number that rested longest, not the one that was theirs.
    expect((await world.lease(other.visitor))?.number).toBe(number);
    expect((await world.lease(visitor))?.number).toBe(other.number);
  });

  it('of release end the lease in the store at once', async () => {
    const world = await given(1);
    const { visitor, lease } = await holder(world);
    const pool = {
      trackerId: world.tracker().id,
      siteId: world.site.id,
      version: world.tracker().pool_version,
      reservationSeconds: 1800,
      minReservationSeconds: 300,
    };
    const released = await world.servers[0].leases.release(pool, visitor, world.clock.now());
    expect(released).toMatchObject({ leaseId: lease });
    expect(await world.live(visitor, { server: 1 })).toBeNull();
    expect(await world.servers[1].leases.release(pool, visitor, world.clock.now())).toBeNull();
    const counts = await world.servers[1].leases.inspect(pool, world.clock.now());
    expect(counts).toEqual({ numbers: 1, leased: 0, free: 0 });
    world.clock.pass(299);
    expect(await world.lease(newId())).toBeNull();
  });
}
