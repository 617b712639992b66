import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { erlangB, numbersFor } from '../../../../server/domain/leasing/erlang-b.js';

// As in the appendix "Table of Erlang B" of Carrier Grade Voice over IP (Collins), rounded there to one decimal, and in
// the tables of the ITU Teletraffic Engineering Handbook; 15 at 1 % is the example in the manual of erlang.com.
const TABLE: [numbers: number, load: number, blocked: number][] = [
  [1, 0.0101, 0.01],
  [5, 1.36, 0.01],
  [10, 4.46, 0.01],
  [15, 8.108, 0.01],
  [20, 12.03, 0.01],
  [50, 37.9, 0.01],
  [100, 84.06, 0.01],
  [10, 3.09, 0.001],
  [20, 9.41, 0.001],
  [50, 32.51, 0.001],
  [100, 75.24, 0.001],
];

describe('what is blocked', () => {
  test.each(TABLE)('of %d numbers at %d Erlangs is as published: %d', (numbers, load, blocked) => {
    // A load is printed with three or four digits, which leaves the share a hundredth of itself.
    expect(Math.abs(erlangB(numbers, load) / blocked - 1)).toBeLessThan(0.015);
  });

  test.each(TABLE)(
    '%d numbers are the fewest that carry somewhat less than %d Erlangs',
    (numbers, load, blocked) => {
      const offered = (erlangs: number) => [{ arrivals: 7, load: erlangs }];
      expect(numbersFor(blocked, offered(load * 0.995), 1000)).toBe(numbers);
      expect(numbersFor(blocked, offered(load * 1.005), 1000)).toBe(numbers + 1);
    },
  );

  it('is everybody without numbers, and nobody without load', () => {
    expect(erlangB(0, 3)).toBe(1);
    expect(erlangB(0, 0)).toBe(1);
    expect(erlangB(1, 0)).toBe(0);
    expect(erlangB(100_000, 99_000)).toBeGreaterThan(0);
    expect(erlangB(100_000, 10)).toBe(0);
    expect(erlangB(10, 1e12)).toBeCloseTo(1, 9);
  });

  it('is a share, more with more load, less with more numbers', () => {
    const numbers = fc.integer({ min: 0, max: 2000 });
    const load = fc.double({ min: 0, max: 3000, noNaN: true });
    fc.assert(
      fc.property(numbers, load, load, (n, one, other) => {
        const [less, more] = [Math.min(one, other), Math.max(one, other)];
        const blocked = erlangB(n, less);
        expect(blocked).toBeGreaterThanOrEqual(0);
        expect(blocked).toBeLessThanOrEqual(1);
        expect(erlangB(n, more)).toBeGreaterThanOrEqual(blocked);
        expect(erlangB(n + 1, less)).toBeLessThanOrEqual(blocked);
      }),
    );
  });
});

describe('how many numbers', () => {
  it('weighs hours by their arrivals', () => {
    const busy = { arrivals: 100, load: 20 };
    const quiet = { arrivals: 1, load: 0.1 };
    const alone = numbersFor(0.01, [busy], 1000) as number;
    expect(erlangB(alone, 20)).toBeLessThanOrEqual(0.01);
    expect(erlangB(alone - 1, 20)).toBeGreaterThan(0.01);
    expect(numbersFor(0.01, [busy, quiet], 1000)).toBe(alone);
    expect(numbersFor(0.01, [busy, { ...quiet, arrivals: 10_000 }], 1000)).toBeLessThan(alone / 2);
  });

  it('has an end', () => {
    expect(numbersFor(0.001, [{ arrivals: 1, load: 1e9 }], 1000)).toBeNull();
    expect(numbersFor(0.001, [{ arrivals: 1, load: 0 }], 1000)).toBe(1);
  });
});
