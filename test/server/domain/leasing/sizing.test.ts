import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { cutShortShare } from '../../../../server/domain/leasing/cut-short.js';
import { erlangB } from '../../../../server/domain/leasing/erlang-b.js';
import { type PoolSize, sizing } from '../../../../server/domain/leasing/sizing.js';
import { simulatePool } from '../../../support/pool-simulation.js';

const WEEK = 168;
const steady = (rate: number) => () => rate;
/** From nobody at night to twice the mean by day. */
const daily = (rate: number) => (hour: number) => rate * (1 - Math.cos((hour * Math.PI) / 12));
const elastic = (numbers: number): PoolSize => ({
  numbers,
  reservationSeconds: 1800,
  minReservationSeconds: 300,
});
const rigid = (numbers: number): PoolSize => ({ ...elastic(numbers), minReservationSeconds: 1800 });

type Share = 'blockedShare' | 'cutShortShare';

/** What came of six weeks, and what is expected by one of them, on average over the six. */
function compare(size: PoolSize, rate: (hour: number) => number, share: Share) {
  const weeks = 6;
  const simulated = simulatePool(size, { seed: 7, hours: weeks * WEEK, rate, meanVisit: 180 });
  let expected = 0;
  for (let week = 0; week < weeks; week += 1) {
    const hours = simulated.hours.slice(week * WEEK, (week + 1) * WEEK);
    expected += (sizing(hours, size)[share] as number) / weeks;
  }
  return { expected, came: simulated[share] };
}

describe('a simulated pool', () => {
  test.each([
    ['hardly short', steady(60), elastic(13)],
    ['short', steady(60), elastic(8)],
    ['very short', steady(60), elastic(5)],
    ['of two numbers', steady(10), elastic(2)],
    ['with nights, hardly short', daily(60), elastic(20)],
    ['with nights, short', daily(60), elastic(12)],
    ['with nights, very short', daily(60), elastic(6)],
    ['that cuts nobody short', steady(60), rigid(33)],
    ['with nights that cuts nobody short', daily(60), rigid(40)],
  ])('%s: what is blocked is as expected, within 2 points', (_, rate, size) => {
    const { expected, came } = compare(size, rate, 'blockedShare');
    expect(Math.abs(expected - came)).toBeLessThan(0.02);
  });

  test.each([
    ['almost all', steady(60), elastic(24)],
    ['half', steady(60), elastic(33)],
    ['few', steady(60), elastic(42)],
    ['with nights', daily(60), elastic(33)],
    ['while some are blocked', daily(60), elastic(16)],
    ['nobody, the windows being equal', daily(60), rigid(20)],
  ])('cuts short: %s; as expected, within 2 points', (_, rate, size) => {
    const { expected, came } = compare(size, rate, 'cutShortShare');
    expect(Math.abs(expected - came)).toBeLessThan(0.02);
  });

  test('with the numbers advised blocks what it should', () => {
    const rate = daily(60);
    const of = { seed: 5, hours: WEEK, rate, meanVisit: 180 };
    const { numbersFor1Percent, numbersFor01Percent } = sizing(
      simulatePool(elastic(9), of).hours,
      elastic(9),
    );
    expect(numbersFor01Percent).toBeGreaterThan(numbersFor1Percent as number);
    const blocked = (numbers: number) =>
      simulatePool(elastic(numbers), { ...of, seed: 6, hours: 10 * WEEK }).blockedShare;
    expect(blocked(numbersFor1Percent as number)).toBeLessThan(0.015);
    expect(blocked((numbersFor1Percent as number) - 2)).toBeGreaterThan(0.01);
    expect(blocked(numbersFor01Percent as number)).toBeLessThan(0.002);
  });
});

describe('what is cut short', () => {
  const erlangs = fc.double({ min: 0.01, max: 400, noNaN: true });

  it('is a share, together with what is blocked', () => {
    fc.assert(
      fc.property(fc.nat(600), erlangs, erlangs, (numbers, kept, resting) => {
        const share = cutShortShare(numbers, { kept, resting });
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share + erlangB(numbers, kept)).toBeLessThan(1 + 1e-9);
        expect(cutShortShare(numbers, { kept, resting: resting * 1.5 })).toBeGreaterThan(share - 1e-9);
      }),
    );
  });

  it('is nothing without numbers, without rest, and with numbers for all', () => {
    expect(cutShortShare(0, { kept: 1, resting: 1 })).toBe(0);
    expect(cutShortShare(5, { kept: 1, resting: 0 })).toBe(0);
    expect(cutShortShare(100_000, { kept: 100, resting: 100 })).toBe(0);
    expect(cutShortShare(10, { kept: 1, resting: 1e6 })).toBeCloseTo(1, 6);
  });
});

describe('no arrivals', () => {
  const quiet = { served: 0, blocked: 0, visitSeconds: 0 };

  it('say nothing of a size', () => {
    expect(sizing([quiet, quiet], elastic(3))).toEqual({
      meanHold: null,
      loads: [0, 0],
      blockedShare: null,
      cutShortShare: null,
      numbersFor1Percent: null,
      numbersFor01Percent: null,
    });
  });

  it('before the first one change nothing', () => {
    const { hours } = simulatePool(elastic(8), { seed: 3, hours: 72, rate: daily(30), meanVisit: 180 });
    const first = hours.findIndex((hour) => hour.served > 0);
    const { loads: _, ...after } = sizing(hours.slice(first), elastic(8));
    const before = Array.from({ length: 30 }, () => quiet);
    expect(sizing([...before, ...hours.slice(first)], elastic(8))).toMatchObject(after);
  });

  it('of a pool without numbers are all blocked', () => {
    const hours = [{ served: 0, blocked: 9, visitSeconds: 0 }, quiet];
    expect(sizing(hours, elastic(0))).toMatchObject({ blockedShare: 1, cutShortShare: null, meanHold: 300 });
  });
});
