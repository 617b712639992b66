import { expect, it } from 'vitest';
import { newId } from '../../../server/lib/ids.js';
import { startLeaseProcess } from '../../support/lease-process.js';
import type { Given } from '../lease-store.js';
import { REST } from './world.js';

const ids = (count: number): string[] => Array.from({ length: count }, () => newId());

export function atOnce(given: Given): void {
  it('gives a visitor who asks again the same lease', async () => {
    const world = await given(3);
    const visitor = newId();
    const first = await world.lease(visitor);
    world.clock.pass(60);
    const again = await world.lease(visitor, { server: 1 });
    expect(first).not.toBeNull();
    expect(again).toMatchObject({ number: first?.number, lease: first?.lease });
    expect(await world.history()).toHaveLength(1);
  });

  it('gives a visitor who asks 20 times at once of two servers one lease', async () => {
    const world = await given(20);
    const visitor = newId();
    const swaps = await Promise.all(
      Array.from({ length: 20 }, (_, at) => world.lease(visitor, { server: at % 2 ? 1 : 0 })),
    );
    expect(new Set(swaps.map((swap) => swap?.lease)).size).toBe(1);
    expect(new Set(swaps.map((swap) => swap?.number)).size).toBe(1);
    expect(swaps).not.toContain(null);
    expect(await world.history()).toHaveLength(1);
  });

  it('gives one who comes back and asks 20 times at once one new lease', async () => {
    const world = await given(20);
    const visitor = newId();
    const before = await world.lease(visitor);
    world.clock.pass(1800 + REST);
    const swaps = await Promise.all(
      Array.from({ length: 20 }, (_, at) => world.lease(visitor, { server: at % 2 ? 1 : 0 })),
    );
    expect(new Set(swaps.map((swap) => swap?.lease)).size).toBe(1);
    expect(swaps[0]?.number).toBe(before?.number);
    expect(swaps[0]?.lease).not.toBe(before?.lease);
    expect(await world.history()).toHaveLength(2);
  });

  it('gives a visitor who asks 20 times at once of two processes one lease, and others their own', async () => {
    const world = await given(60);
    const processes = await Promise.all([startLeaseProcess(world.urls), startLeaseProcess(world.urls)]);
    try {
      const visitor = newId();
      const others = processes.map(() => ids(20));
      const replies = await Promise.all(
        processes.map((process, at) =>
          process.views(
            [...Array<string>(10).fill(visitor), ...(others[at] ?? [])].map((asking) => ({
              site: world.site,
              tracker: world.tracker(),
              visitor: asking,
              now: world.clock.now(),
            })),
          ),
        ),
      );
      const swaps = replies.flat().map((reply) => ({ visitor: reply.visitor, ...reply.swaps[0] }));
      const own = swaps.filter((swap) => swap.visitor === visitor);
      expect(own).toHaveLength(20);
      expect(new Set(own.map((swap) => swap.lease)).size).toBe(1);
      expect(own[0]?.number).toBeDefined();
      expect(new Set(swaps.map((swap) => swap.number)).size).toBe(41);
      expect(await world.history()).toHaveLength(41);
    } finally {
      await Promise.all(processes.map((process) => process.close()));
    }
  });

  it('gives 200 visitors at once 100 distinct numbers, and tells 100 that there is none', async () => {
    const world = await given(100);
    const replies = await Promise.all(
      ids(200).map((visitor, at) => world.view(visitor, { server: at % 2 ? 1 : 0 })),
    );
    const numbers = replies.flatMap((reply) => reply.swaps.map((swap) => swap.number));
    expect(numbers).toHaveLength(100);
    expect(new Set(numbers)).toEqual(new Set(world.tracker().numbers));
    expect(replies.filter((reply) => reply.status === 'no_number')).toHaveLength(100);
    expect(await world.history()).toHaveLength(100);
  });

  it('lets either the holder renew or another take the number, whoever is first', async () => {
    const world = await given(20);
    const holders = ids(20);
    for (const holder of holders) await world.lease(holder);
    world.clock.pass(300 + REST);
    const comers = ids(20);
    const [renewed, taken] = await Promise.all([
      Promise.all(holders.map((holder) => world.renew(holder))),
      Promise.all(comers.map((comer) => world.lease(comer, { server: 1 }))),
    ]);
    for (const server of world.servers) await server.flush();
    const kept = renewed.flatMap((lease) => (lease ? [lease.number] : []));
    const passed = taken.flatMap((swap) => (swap ? [swap.number] : []));
    expect(new Set([...kept, ...passed]).size).toBe(20);
    expect(kept.length + passed.length).toBe(20);
    const open = (await world.history()).filter((lease) => lease.ended_at === null);
    expect(new Set(open.map((lease) => lease.id))).toEqual(
      new Set([
        ...renewed.flatMap((lease) => lease?.leaseId ?? []),
        ...taken.flatMap((swap) => swap?.lease ?? []),
      ]),
    );
  });
}
