import { describe, expect, it } from 'vitest';
import { allowanceFor } from '../../../../server/domain/visits/allowance.js';

/** A limiter of so many points, counting what is taken. */
function limiter(points: number) {
  let taken = 0;
  return {
    taken: () => taken,
    take: async () => {
      if (taken === points) return false;
      taken += 1;
      return true;
    },
    giveBack: async () => {
      taken -= 1;
    },
  };
}

describe('the allowance of a request', () => {
  it('is one point, however often it is asked for', async () => {
    const limits = limiter(1);
    const allowance = allowanceFor(limits, '192.0.2.1', async () => false);
    expect([await allowance.take(), await allowance.take()]).toEqual([true, true]);
    expect(limits.taken()).toBe(1);
  });

  it('is nothing for who is new once the address has used its own up', async () => {
    const allowance = allowanceFor(limiter(0), '192.0.2.1', async () => false);
    expect(await allowance.take()).toBe(false);
  });

  it('costs nothing for who has held a number before', async () => {
    const limits = limiter(0);
    const allowance = allowanceFor(limits, '192.0.2.1', async () => true);
    expect(await allowance.take()).toBe(true);
    await allowance.giveBack();
    expect(limits.taken()).toBe(0);
  });

  it('is given back once where no lease came of it', async () => {
    const limits = limiter(1);
    const allowance = allowanceFor(limits, '192.0.2.1', async () => false);
    await allowance.take();
    await allowance.giveBack();
    await allowance.giveBack();
    expect(limits.taken()).toBe(0);
  });
});
