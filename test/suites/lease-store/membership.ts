import { expect, it } from 'vitest';
import { newId } from '../../../server/lib/ids.js';
import type { Given } from '../lease-store.js';
import { REST } from './world.js';

export function membership(given: Given): void {
  it.each([{ told: true }, { told: false }])(
    'never lease a retired number again (told: $told)',
    async (how) => {
      const world = await given(2);
      const [kept, retired] = [newId(), newId()];
      await world.lease(kept);
      const swap = await world.lease(retired);
      await world.retire([swap?.number ?? ''], how);
      expect((await world.history()).find((lease) => lease.visitor_id === retired)).toMatchObject({
        end_reason: 'removed',
      });
      for (const seconds of [0, 300 + REST, 1800 + REST, 86_400]) {
        world.clock.pass(seconds);
        for (const visitor of [retired, newId(), newId()]) {
          expect((await world.lease(visitor))?.number).not.toBe(swap?.number);
        }
      }
      expect(await world.live(kept)).toBeNull();
    },
  );

  it('lease what is left when many others were retired without the store being told', async () => {
    const world = await given(9);
    await world.lease(newId());
    world.clock.pass(3600);
    const [last = '', ...others] = [...world.tracker().numbers].reverse();
    await world.retire(others, { told: false });
    expect((await world.lease(newId()))?.number).toBe(last);
  });

  it('give the holder of a retired number another one', async () => {
    const world = await given(2);
    const visitor = newId();
    const before = await world.lease(visitor);
    await world.retire([before?.number ?? '']);
    const after = await world.lease(visitor);
    expect(after?.number).toBe(world.tracker().numbers[0]);
    expect(after?.number).not.toBe(before?.number);
  });

  it('do not let the holder of a retired number renew it', async () => {
    const world = await given(1);
    const visitor = newId();
    const swap = await world.lease(visitor);
    await world.retire([swap?.number ?? '']);
    expect(await world.renew(visitor)).toBeNull();
    expect(await world.live(visitor)).toBeNull();
  });

  it('lease an added number in turn', async () => {
    const world = await given(1);
    await world.lease(newId());
    expect(await world.lease(newId())).toBeNull();
    const [added] = await world.add(1);
    expect((await world.lease(newId(), { server: 1 }))?.number).toBe(added);
  });

  it('keep every lease when others are added or retired', async () => {
    const world = await given(3);
    const visitors = [newId(), newId()];
    const before = [await world.lease(visitors[0] ?? ''), await world.lease(visitors[1] ?? '')];
    const held = before.map((swap) => swap?.number);
    await world.add(2);
    await world.retire(world.tracker().numbers.filter((number) => !held.includes(number)));
    world.clock.pass(60);
    const after = [await world.renew(visitors[0] ?? '', { server: 1 }), await world.renew(visitors[1] ?? '')];
    expect(after.map((lease) => lease?.leaseId)).toEqual(before.map((swap) => swap?.lease));
  });

  it.each([{ told: true }, { told: false }])(
    'keep the promise of a number that is retired and comes back (told: $told)',
    async (how) => {
      const world = await given(1);
      const holder = newId();
      const swap = await world.lease(holder);
      await world.retire([swap?.number ?? ''], how);
      await world.bringBack([swap?.number ?? '']);
      world.clock.pass(299);
      expect(await world.lease(newId())).toBeNull();
      world.clock.pass(1 + REST);
      expect((await world.lease(newId()))?.number).toBe(swap?.number);
      expect(await world.renew(holder)).toBeNull();
    },
  );
}
