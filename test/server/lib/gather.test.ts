import { describe, expect, it } from 'vitest';
import { createGatherer } from '../../../server/lib/gather.js';

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

describe('what is asked for in one turn of the event loop', () => {
  it('is one call a name, each asker answered with its own', async () => {
    const calls: [string, number[]][] = [];
    const ask = createGatherer(async (items: number[], name) => {
      calls.push([name, items]);
      return items.map((item) => `${name}${item}`);
    });
    expect(await Promise.all([ask('a', 1), ask('b', 2), ask('a', 3)])).toEqual(['a1', 'b2', 'a3']);
    expect(calls).toEqual([
      ['a', [1, 3]],
      ['b', [2]],
    ]);
  });

  it('does not wait for a call that is under way', async () => {
    const calls: number[][] = [];
    const ask = createGatherer((items: number[]) => {
      calls.push(items);
      return new Promise<number[]>(() => {});
    });
    void ask('a', 1);
    await nextTurn();
    void ask('a', 2);
    await nextTurn();
    expect(calls).toEqual([[1], [2]]);
  });

  it('is never more than a hundred a call', async () => {
    const sizes: number[] = [];
    const ask = createGatherer(async (items: number[]) => {
      sizes.push(items.length);
      return items;
    });
    const items = Array.from({ length: 250 }, (_, at) => at);
    expect(await Promise.all(items.map((item) => ask('a', item)))).toEqual(items);
    expect(sizes).toEqual([100, 100, 50]);
  });

  it('fails together, and the next turn begins anew', async () => {
    let isBroken = true;
    const ask = createGatherer(async (items: number[]) => {
      if (isBroken) throw new Error('away');
      return items;
    });
    const outcomes = await Promise.allSettled([ask('a', 1), ask('a', 2)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    isBroken = false;
    expect(await ask('a', 3)).toBe(3);
  });
});
