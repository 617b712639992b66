import { expect, it } from 'vitest';
import { newId } from '../../../server/lib/ids.js';
import type { Given } from '../lease-store.js';
import { REST } from './world.js';

export function holds(given: Given): void {
  it('keep a number that a call came in on from others while the pool has another', async () => {
    const world = await given(2);
    const first = await world.lease(newId());
    world.clock.pass(10);
    const second = await world.lease(newId());
    world.clock.pass(1900);
    await world.call(first?.number ?? '', 1800);
    expect((await world.lease(newId(), { server: 1 }))?.number).toBe(second?.number);
  });

  it('do not keep it when the pool is short', async () => {
    const world = await given(1);
    const first = await world.lease(newId());
    world.clock.pass(1900);
    await world.call(first?.number ?? '', 1800);
    expect(await world.lease(newId())).toMatchObject({ number: first?.number, assignment: 'elastic' });
  });

  it('never shorten a promise', async () => {
    const world = await given(1);
    const first = await world.lease(newId());
    await world.call(first?.number ?? '', 1);
    world.clock.pass(299);
    expect(await world.lease(newId())).toBeNull();
  });

  it('lengthen the lease of who is there', async () => {
    const world = await given(1);
    const visitor = newId();
    const swap = await world.lease(visitor);
    world.clock.pass(1000);
    await world.call(swap?.number ?? '', 1800);
    world.clock.pass(1000);
    expect(await world.live(visitor)).toMatchObject({ leaseId: swap?.lease });
  });

  it('do not wake a lease that was over', async () => {
    const world = await given(1);
    const visitor = newId();
    const start = world.clock.now().getTime();
    const swap = await world.lease(visitor);
    world.clock.pass(86_400);
    await world.call(swap?.number ?? '', 1800);
    expect(await world.live(visitor)).toBeNull();
    expect(await world.renew(visitor)).toBeNull();
    await world.lease(newId());
    expect((await world.history())[0]).toMatchObject({
      end_reason: 'expired',
      ended_at: new Date(start + 1800_000),
    });
  });

  it('give one who comes back after a call on their number a new lease of it', async () => {
    const world = await given(2);
    const visitor = newId();
    const before = await world.lease(visitor);
    world.clock.pass(86_400);
    await world.call(before?.number ?? '', 1800);
    const after = await world.lease(visitor);
    expect(after).toMatchObject({ number: before?.number, assignment: 'exclusive' });
    expect(after?.lease).not.toBe(before?.lease);
  });

  it('are as short as the promise for a browser that keeps nothing', async () => {
    const world = await given(1);
    const visitor = newId();
    const now = world.clock.now().getTime();
    await world.lease(visitor, { storage: false });
    expect((await world.history())[0]).toMatchObject({
      promised_until: new Date(now + 300_000),
      reserved_until: new Date(now + 300_000),
    });
    world.clock.pass(299);
    expect(await world.lease(newId())).toBeNull();
    world.clock.pass(1 + REST);
    expect(await world.live(visitor)).toBeNull();
    expect(await world.lease(newId())).toMatchObject({ assignment: 'exclusive' });
    expect((await world.history())[0]).toMatchObject({ end_reason: 'expired' });
  });
}
