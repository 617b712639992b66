import { describe, expect, it } from 'vitest';
import { newId } from '../../../../server/lib/ids.js';
import type { LeaseStoreHarness } from '../../../suites/lease-store/world.js';
import { stageOf } from '../../../suites/lease-store.js';
import { flushedRedis } from '../../../support/redis.js';

const modes: [string, LeaseStoreHarness][] = [
  ['Postgres', {}],
  ['Redis', { redis: flushedRedis }],
];

describe.each(modes)('a renewal, with leases in %s', (_, harness) => {
  const given = stageOf(harness);

  it('is a sign of the session: a page open for hours does not end it', async () => {
    const world = await given(1);
    const visitor = newId();
    const first = await world.view(visitor);
    for (let minutes = 0; minutes < 120; minutes += 20) {
      world.clock.pass(20 * 60);
      await world.renew(visitor);
      await world.servers[0].flush();
    }
    world.clock.pass(20 * 60);
    expect((await world.view(visitor)).session).toBe(first.session);
  });

  it('is one of the session of today, where a campaign has begun a new one under the same lease', async () => {
    const world = await given(1);
    const visitor = newId();
    const first = await world.view(visitor);
    world.clock.pass(60);
    const second = await world.view(visitor, {
      url: 'https://shop.example/?utm_source=google&utm_campaign=winter',
    });
    expect(second.session).not.toBe(first.session);
    expect(second.swaps[0]?.lease).toBe(first.swaps[0]?.lease);
    for (let at = 0; at < 3; at += 1) {
      world.clock.pass(20 * 60);
      await world.renew(visitor);
      await world.servers[0].flush();
    }
    world.clock.pass(20 * 60);
    expect((await world.view(visitor)).session).toBe(second.session);
  });
});
