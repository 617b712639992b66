import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type BatcherOptions, createBatcher } from '../../../server/lib/batcher.js';

type Options = BatcherOptions<string, string>;

/** A batcher whose batches end when they are told to. */
function setUp(given: Partial<Options> = {}) {
  const running: { items: string[]; end: () => void; fail: (error: Error) => void }[] = [];
  const batches: string[][] = [];
  const batcher = createBatcher<string, string>({
    run: (items) => {
      batches.push(items);
      return new Promise((resolve, reject) => {
        running.push({
          items,
          end: () => resolve(items.map((item) => item.toUpperCase())),
          fail: reject,
        });
      });
    },
    maxRows: 3,
    maxRunning: 1,
    maxWaiting: 10,
    maxWaitMs: 1_000,
    retryAlone: () => true,
    ...given,
  });
  return { batcher, batches, running };
}

/** Lets everything that can happen happen. */
const settle = async () => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** A batcher whose batches are answered at once by `run`. */
const instant = (run: Options['run'], given: Partial<Options> = {}) =>
  createBatcher<string, string>({
    run,
    maxRows: 10,
    maxRunning: 1,
    maxWaiting: 100,
    maxWaitMs: 1_000,
    retryAlone: () => true,
    ...given,
  });

describe('a batch', () => {
  it('is what came in one turn, answered each with its own', async () => {
    const { batcher, batches, running } = setUp();
    const answers = Promise.all(['a', 'b', 'c'].map(batcher.add));
    await settle();
    running[0]?.end();
    expect(await answers).toEqual(['A', 'B', 'C']);
    expect(batches).toEqual([['a', 'b', 'c']]);
  });

  it('has no more rows than allowed', async () => {
    const { batcher, batches, running } = setUp();
    const answers = Promise.all(['a', 'b', 'c', 'd', 'e'].map(batcher.add));
    await settle();
    expect(batches).toEqual([['a', 'b', 'c']]);
    running[0]?.end();
    await settle();
    running[1]?.end();
    expect(await answers).toEqual(['A', 'B', 'C', 'D', 'E']);
    expect(batches).toEqual([
      ['a', 'b', 'c'],
      ['d', 'e'],
    ]);
  });

  it('gathers what comes while another is under way', async () => {
    const { batcher, batches, running } = setUp();
    const first = batcher.add('a');
    await settle();
    const later = Promise.all([batcher.add('b'), batcher.add('c')]);
    await settle();
    expect(batches).toEqual([['a']]);
    running[0]?.end();
    await settle();
    expect(batches).toEqual([['a'], ['b', 'c']]);
    running[1]?.end();
    expect([await first, await later]).toEqual(['A', ['B', 'C']]);
  });

  it('runs beside as many others as allowed', async () => {
    const { batcher, running } = setUp({ maxRunning: 2, maxRows: 1 });
    const answers = Promise.all(['a', 'b', 'c'].map(batcher.add));
    await settle();
    expect(running).toHaveLength(2);
    running[1]?.end();
    await settle();
    expect(running).toHaveLength(3);
    for (const { end } of running) end();
    expect(await answers).toEqual(['A', 'B', 'C']);
  });

  it('never has two items of one key', async () => {
    const batches: string[][] = [];
    const batcher = instant(
      async (items) => {
        batches.push(items);
        return items;
      },
      { key: (item) => item.charAt(0) },
    );
    await Promise.all(['a1', 'a2', 'b1', 'a3', 'b2'].map(batcher.add));
    expect(batches).toEqual([['a1', 'b1'], ['a2', 'b2'], ['a3']]);
  });

  it('is counted with its rows', async () => {
    const counts: number[] = [];
    const batcher = instant(async (items) => items, { maxRows: 2, onBatch: (rows) => counts.push(rows) });
    await Promise.all(['a', 'b', 'c'].map(batcher.add));
    expect(counts).toEqual([2, 1]);
  });
});

describe('what waits', () => {
  it('is bounded: past it items are refused at once, and taken again when there is room', async () => {
    const { batcher, running } = setUp({ maxRows: 2, maxWaiting: 3 });
    const answers = ['a', 'b', 'c'].map(batcher.add);
    await expect(batcher.add('d')).rejects.toMatchObject({ code: 'overloaded', status: 503 });
    await settle();
    const next = batcher.add('e');
    for (let batch = 0; batch < 2; batch += 1) {
      running[batch]?.end();
      await settle();
    }
    expect(await Promise.all([...answers, next])).toEqual(['A', 'B', 'C', 'E']);
  });

  it('is bounded for one key too, which leaves room for others', async () => {
    const { batcher, running } = setUp({ key: (item) => item.charAt(0), maxOfKey: 2 });
    const answers = ['a1', 'a2'].map(batcher.add);
    await expect(batcher.add('a3')).rejects.toMatchObject({ code: 'overloaded', status: 503 });
    answers.push(batcher.add('b1'));
    await settle();
    // "a1" is being written and waits no more.
    answers.push(batcher.add('a4'));
    await expect(batcher.add('a5')).rejects.toMatchObject({ code: 'overloaded' });
    for (let batch = 0; batch < 3; batch += 1) {
      running[batch]?.end();
      await settle();
    }
    expect(await Promise.all(answers)).toEqual(['A1', 'A2', 'B1', 'A4']);
  });

  it('is answered before a drain is over', async () => {
    const { batcher, running } = setUp({ maxRows: 1 });
    const done: string[] = [];
    for (const item of ['a', 'b']) void batcher.add(item).then((answer) => done.push(answer));
    const drained = batcher.drain().then(() => done.push('drained'));
    await settle();
    running[0]?.end();
    await settle();
    running[1]?.end();
    await drained;
    expect(done).toEqual(['A', 'B', 'drained']);
  });

  it('is nothing for a drain of an idle one', async () => {
    await instant(async (items) => items).drain();
  });
});

describe('a queue whose store is slow', () => {
  /** A clock that goes when it is told to. */
  function slowClock() {
    let now = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
    onTestFinished(() => clock.mockRestore());
    return (ms: number) => {
      now += ms;
    };
  }
  const overloaded = { code: 'overloaded', status: 503 };

  it('refuses who comes after the first in line has waited too long, and takes them again when the line moves', async () => {
    const pass = slowClock();
    const { batcher, running } = setUp({ maxRows: 1 });
    const first = batcher.add('a');
    await settle();
    const second = batcher.add('b');
    pass(1_000);
    const third = batcher.add('c');
    pass(1);
    await expect(batcher.add('d')).rejects.toMatchObject(overloaded);
    running[0]?.end();
    await settle();
    // Now "c" is the first, and has waited a millisecond.
    const fourth = batcher.add('e');
    for (const at of [1, 2, 3]) {
      running[at]?.end();
      await settle();
    }
    expect(await Promise.all([first, second, third, fourth])).toEqual(['A', 'B', 'C', 'E']);
  });

  it('takes who comes at an idle store, however long ago the last one came', async () => {
    const pass = slowClock();
    const batcher = instant(async (items) => items);
    await batcher.add('a');
    pass(60_000);
    expect(await batcher.add('b')).toBe('b');
  });

  it('does not count who waits for another of the same key only', async () => {
    const pass = slowClock();
    const { batcher, running } = setUp({ key: (item) => item.charAt(0) });
    const same = ['a1', 'a2', 'a3'].map(batcher.add);
    await settle();
    pass(5_000);
    const other = batcher.add('b1');
    running[0]?.end();
    await settle();
    running[1]?.end();
    expect(await other).toBe('B1');
    await settle();
    running[2]?.end();
    expect(await Promise.all(same)).toEqual(['A1', 'A2', 'A3']);
  });
});

describe('a batch that fails', () => {
  it('is written row by row, so that one bad row fails alone', async () => {
    const batches: string[][] = [];
    const batcher = instant(async (items) => {
      batches.push(items);
      if (items.includes('bad')) throw new Error('bad row');
      return items.map((item) => item.toUpperCase());
    });
    const answers = await Promise.allSettled(['a', 'bad', 'c'].map(batcher.add));
    expect(answers).toEqual([
      { status: 'fulfilled', value: 'A' },
      { status: 'rejected', reason: new Error('bad row') },
      { status: 'fulfilled', value: 'C' },
    ]);
    expect(batches).toEqual([['a', 'bad', 'c'], ['a'], ['bad'], ['c']]);
  });

  it('fails as a whole where no row would fare better', async () => {
    const batches: string[][] = [];
    const batcher = instant(
      async (items) => {
        batches.push(items);
        throw new Error('away');
      },
      { retryAlone: () => false },
    );
    const answers = await Promise.allSettled(['a', 'b'].map(batcher.add));
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(batches).toHaveLength(1);
  });

  it('does not stop the next', async () => {
    let isAway = true;
    const batcher = instant(
      async (items) => {
        if (isAway) throw new Error('away');
        return items;
      },
      { retryAlone: () => false },
    );
    await expect(batcher.add('a')).rejects.toThrow('away');
    isAway = false;
    expect(await batcher.add('b')).toBe('b');
    await batcher.drain();
  });
});
