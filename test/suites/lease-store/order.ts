import { expect, it } from 'vitest';
import { newId } from '../../../server/lib/ids.js';
import type { Given } from '../lease-store.js';
import { REST, type World } from './world.js';

/** Visitors who come one after the other, so many seconds apart. */
async function visitors(world: World, count: number, apart = 10) {
  const came: { visitor: string; number: string }[] = [];
  for (let at = 0; at < count; at += 1) {
    const visitor = newId();
    const swap = await world.lease(visitor);
    if (!swap) throw new Error('the pool is short');
    came.push({ visitor, number: swap.number });
    world.clock.pass(apart);
  }
  return came;
}

export function order(given: Given): void {
  it('gives numbers that were never shown before those that were', async () => {
    const world = await given(3);
    const [first, second] = await visitors(world, 2);
    world.clock.pass(1800 + REST);
    const third = await world.lease(newId());
    expect(third?.number).not.toBe(first?.number);
    expect(third?.number).not.toBe(second?.number);
  });

  it('gives the number that has rested longest', async () => {
    const world = await given(4);
    const before = await visitors(world, 4);
    // The second one stays; the others rest in the order in which they were last seen.
    world.clock.pass(1000);
    await world.renew(before[1]?.visitor ?? '');
    await world.servers[0].flush();
    world.clock.pass(802);
    const after = await visitors(world, 3, 0);
    expect(after.map(({ number }) => number)).toEqual([0, 2, 3].map((at) => before[at]?.number));
  });

  it('gives a visitor who comes back the number they held last', async () => {
    const world = await given(3);
    const [, second] = await visitors(world, 3);
    world.clock.pass(1800 + REST);
    const again = await world.lease(second?.visitor ?? '', { server: 1 });
    expect(again).toMatchObject({ number: second?.number, assignment: 'exclusive' });
  });

  it('gives a visitor who comes back another number when theirs is taken', async () => {
    const world = await given(2);
    const [first, second] = await visitors(world, 2);
    world.clock.pass(1800 + REST);
    expect((await world.lease(newId()))?.number).toBe(first?.number);
    const again = await world.lease(first?.visitor ?? '');
    expect(again).toMatchObject({ number: second?.number, assignment: 'exclusive' });
  });

  it('ends a lease that ran out when it ran out, not when the number was given on', async () => {
    const world = await given(1);
    const start = world.clock.now().getTime();
    await world.lease(newId());
    world.clock.pass(86_400);
    await world.lease(newId());
    const [over] = await world.history();
    expect(over).toMatchObject({ end_reason: 'expired', ended_at: new Date(start + 1800_000) });
  });

  it('does not give a promised number away, however short the pool', async () => {
    const world = await given(1);
    const holder = newId();
    await world.lease(holder);
    world.clock.pass(299);
    const reply = await world.view(newId(), { server: 1 });
    expect(reply).toMatchObject({ status: 'no_number', swaps: [] });
    expect(await world.live(holder)).not.toBeNull();
  });

  it('keeps to the promise given when the windows are lowered meanwhile', async () => {
    const world = await given(1);
    await world.lease(newId());
    await world.patch({ reservation_seconds: 10, min_reservation_seconds: 10 });
    world.clock.pass(299);
    expect(await world.lease(newId())).toBeNull();
    world.clock.pass(1 + REST);
    expect(await world.lease(newId())).not.toBeNull();
  });

  it('lets numbers rest longer when the windows are raised meanwhile', async () => {
    const world = await given(1);
    await world.lease(newId());
    await world.patch({ reservation_seconds: 7200, min_reservation_seconds: 3600 });
    world.clock.pass(3599);
    expect(await world.lease(newId())).toBeNull();
    world.clock.pass(1 + REST);
    expect(await world.lease(newId())).not.toBeNull();
  });

  it('cuts a silent lease short, after its promise, when the pool is short', async () => {
    const world = await given(2);
    const [first] = await visitors(world, 2);
    world.clock.pass(300 + REST);
    const now = world.clock.now();
    const swap = await world.lease(newId());
    expect(swap).toMatchObject({ number: first?.number, assignment: 'elastic' });
    const [cut, , made] = await world.history();
    expect(cut).toMatchObject({ end_reason: 'reclaimed', ended_at: now, visitor_id: first?.visitor });
    expect(made).toMatchObject({ assignment: 'elastic', leased_at: now });
    expect(await world.live(first?.visitor ?? '')).toBeNull();
  });

  it('does not cut a lease short while another number is free', async () => {
    const world = await given(2);
    await visitors(world, 1);
    world.clock.pass(1000);
    expect(await world.lease(newId())).toMatchObject({ assignment: 'exclusive' });
    expect((await world.history())[0]).toMatchObject({ ended_at: null });
  });

  it('never cuts a lease short where both windows are the same', async () => {
    const world = await given(1, { reservation_seconds: 600, min_reservation_seconds: 600 });
    await world.lease(newId());
    world.clock.pass(599);
    expect(await world.lease(newId())).toBeNull();
    world.clock.pass(1 + REST);
    expect(await world.lease(newId())).toMatchObject({ assignment: 'exclusive' });
    expect((await world.history())[0]).toMatchObject({ end_reason: 'expired' });
  });

  it('counts what is leased and what is free', async () => {
    const world = await given(4);
    const inspect = (server: 0 | 1) =>
      world.servers[server].leases.inspect(
        {
          trackerId: world.tracker().id,
          siteId: world.site.id,
          version: world.tracker().pool_version,
          reservationSeconds: 1800,
          minReservationSeconds: 300,
        },
        world.clock.now(),
      );
    expect(await inspect(0)).toEqual({ numbers: 4, leased: 0, free: 4 });
    const [first] = await visitors(world, 2, 1000);
    expect(await inspect(1)).toEqual({ numbers: 4, leased: 1, free: 3 });
    await world.call(first?.number ?? '', 500);
    expect(await inspect(0)).toEqual({ numbers: 4, leased: 1, free: 2 });
  });
}
