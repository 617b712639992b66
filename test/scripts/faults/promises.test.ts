import { describe, expect, test } from 'vitest';
import { givenAway, movedOn, type Shown } from '../../../scripts/faults/promises.js';

const nobody = new Set<string>();
const shown = (visitor: string, askedAt: number, given: Partial<Shown> = {}): Shown => ({
  number: '+12025550100',
  visitor,
  lease: `lease of ${visitor}`,
  askedAt,
  answeredAt: askedAt + 50,
  promisedMs: 5_000,
  ...given,
});

describe('a number was given away', () => {
  test('when another visitor is shown it within the promise', () => {
    const [first, second] = [shown('a', 0), shown('b', 4_000)];
    expect(givenAway([first, second], nobody)).toEqual([[first, second]]);
  });

  test('also when the answer that promised it came last', () => {
    expect(givenAway([shown('a', 100, { answeredAt: 3_000 }), shown('b', 200)], nobody)).toHaveLength(1);
  });

  test('also long after it was first promised, if it was promised anew', () => {
    const renewed = [0, 4_000, 8_000].map((at) => shown('a', at));
    expect(givenAway([...renewed, shown('b', 12_000)], nobody)).toHaveLength(1);
  });

  test.each([
    ['the promise is over', [shown('a', 0), shown('b', 5_000)]],
    ['the second answer may be of a time when the promise was over', [shown('a', 0), shown('b', 4_980)]],
    [
      'the first may be of a time when the second was over',
      [shown('a', 0, { answeredAt: 6_000 }), shown('b', 100, { promisedMs: 4_000 })],
    ],
    ['it is the same visitor', [shown('a', 0), shown('a', 1_000)]],
    ['it is another number', [shown('a', 0), shown('b', 1_000, { number: '+12025550101' })]],
  ])('but not when %s', (_, answers) => {
    expect(givenAway(answers, nobody)).toEqual([]);
  });

  test('but not when its visitor gave it up', () => {
    expect(givenAway([shown('a', 0), shown('b', 1_000)], new Set(['a']))).toEqual([]);
  });
});

describe('a visitor was moved to another number', () => {
  const other = { number: '+12025550101' };

  test('within the promise of the one before', () => {
    expect(movedOn([shown('a', 0), shown('a', 1_000, other)], nobody)).toHaveLength(1);
  });

  test.each([
    ['the promise is over', [shown('a', 0), shown('a', 5_000, other)]],
    ['it was asked for before the first answer', [shown('a', 0), shown('a', 20, other)]],
    ['it is another visitor', [shown('a', 0), shown('b', 1_000, other)]],
  ])('but not when %s', (_, answers) => {
    expect(movedOn(answers, nobody)).toEqual([]);
  });
});
