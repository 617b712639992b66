import { describe, expect, it } from 'vitest';
import { allowanceFor } from '../../../../server/domain/visits/allowance.js';

/** A limiter of so many points, counting what is taken under each key. */
function limiter(points: number) {
  const taken = new Map<string, number>();
  const count = (key: string) => taken.get(key) ?? 0;
  return {
    taken: (key: string) => count(key),
    take: async (key: string) => {
      if (count(key) === points) return 60;
      taken.set(key, count(key) + 1);
      return 0;
    },
    giveBack: (key: string) => void taken.set(key, count(key) - 1),
  };
}

/** Limits of so many points, and an allowance under them for a visitor from 192.0.2.1 to the site `site`. */
function setUp(
  points: { address: number; site: number },
  visitor: { claims?: boolean; held?: boolean } = {},
) {
  const limited: string[] = [];
  let asked = 0;
  const limits = {
    byAddress: limiter(points.address),
    bySite: limiter(points.site),
    onLimited: (by: string) => void limited.push(by),
  };
  const allowance = allowanceFor(limits, {
    address: '192.0.2.1',
    siteId: 'site',
    claimsVisits: visitor.claims ?? false,
    hasHeld: async () => {
      asked += 1;
      return visitor.held ?? false;
    },
  });
  const taken = () => [limits.byAddress.taken('192.0.2.1'), limits.bySite.taken('site')];
  return { allowance, limited, taken, asked: () => asked };
}

describe('the allowance of a request', () => {
  it('is one point of the address and one of the site, however often it is asked for', async () => {
    const { allowance, taken, asked } = setUp({ address: 1, site: 1 });
    expect([await allowance.take(), await allowance.take()]).toEqual([true, true]);
    expect(taken()).toEqual([1, 1]);
    expect(asked()).toBe(0);
  });

  it('is nothing for who is new once the address has used its own up', async () => {
    const { allowance, taken, limited } = setUp({ address: 0, site: 1 });
    expect(await allowance.take()).toBe(false);
    expect(taken()).toEqual([0, 0]);
    expect(limited).toEqual(['address']);
  });

  it('is nothing for who is new once the site has, and costs the address nothing then', async () => {
    const { allowance, taken, limited } = setUp({ address: 1, site: 0 });
    expect(await allowance.take()).toBe(false);
    expect(taken()).toEqual([0, 0]);
    expect(limited).toEqual(['site']);
  });

  it.each([true, false])('costs nothing for who has held a number, and says so: %s', async (claims) => {
    for (const points of [
      { address: 0, site: 1 },
      { address: 1, site: 0 },
    ]) {
      const { allowance, taken, limited } = setUp(points, { claims, held: true });
      expect(await allowance.take()).toBe(true);
      allowance.giveBack();
      expect(taken()).toEqual([0, 0]);
      expect(limited).toEqual([]);
    }
  });

  it('is counted for who only says so', async () => {
    const { allowance, taken, asked } = setUp({ address: 1, site: 1 }, { claims: true });
    expect(await allowance.take()).toBe(true);
    expect(taken()).toEqual([1, 1]);
    expect(asked()).toBe(1);
    expect(await setUp({ address: 0, site: 1 }, { claims: true }).allowance.take()).toBe(false);
  });

  it('is given back once where no new lease came of it', async () => {
    const { allowance, taken } = setUp({ address: 1, site: 1 });
    await allowance.take();
    allowance.giveBack();
    allowance.giveBack();
    expect(taken()).toEqual([0, 0]);
  });
});
