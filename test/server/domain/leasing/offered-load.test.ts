import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  expectedOf,
  type HourOfArrivals,
  meanVisit,
  offeredLoads,
} from '../../../../server/domain/leasing/offered-load.js';
import { randomBy } from '../../../support/pool-simulation.js';

const hour = (served: number, visit = 0, blocked = 0): HourOfArrivals => ({
  served,
  blocked,
  visitSeconds: served * visit,
});
const none = hour(0);
const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);

describe('the offered load', () => {
  it('of a steady stream is arrivals times holding time', () => {
    const hours = Array.from({ length: 10 }, () => hour(60, 180));
    const loads = offeredLoads(hours, 1800);
    expect(loads[9]).toBeCloseTo(60 * (1980 / 3600), 9);
    // The first hour begins with nobody there: from none to all of them in the time of a hold.
    expect(loads[0]).toBeCloseTo(60 * (0.55 - 0.55 ** 2 / 2), 9);
  });

  it('reaches into the hours after', () => {
    const hold = 2.5;
    const loads = offeredLoads([none, hour(8, 0), none, none, none, none], hold * 3600);
    expect(loads.map((load) => load / 8)).toEqual(
      [0, 0.5, 1, 0.875, 0.125, 0].map((share) => expect.closeTo(share, 9)),
    );
  });

  it('takes those who were blocked for like the others of their hour, or of all', () => {
    const asBlocked = offeredLoads([hour(2, 600, 2), hour(0, 0, 3), hour(4, 600)], 300);
    expect(asBlocked).toEqual(offeredLoads([hour(4, 600), hour(3, 600), hour(4, 600)], 300));
    expect(offeredLoads([hour(0, 0, 4)], 3600)).toEqual([2]);
  });

  it('loses nothing: over time it adds up to all holds', () => {
    const counts = fc.array(fc.tuple(fc.nat(500), fc.nat(50), fc.nat(4000)), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: 20_000 }), (given, window) => {
        const hours = given.map(([served, blocked, visit]) => hour(served, visit, blocked));
        const usual = meanVisit(hours);
        const held = sum(
          hours.map(({ served, blocked, visitSeconds }) => {
            const visit = served > 0 ? visitSeconds / served : usual;
            return (served + blocked) * (visit + window);
          }),
        );
        const after = Array.from({ length: 8 }, () => none);
        const loads = offeredLoads([...hours, ...after], window);
        expect(sum(loads) * 3600).toBeCloseTo(held, 3);
        for (const load of loads) expect(load).toBeGreaterThan(-1e-9);
      }),
    );
  });
});

describe('what is expected of an hour', () => {
  const DAYS = 7;
  const poisson = (random: () => number, mean: number) => {
    let count = 0;
    for (let left = Math.exp(-mean), product = random(); product > left; product *= random()) count += 1;
    return count;
  };
  const spread = (values: number[], mean: (at: number) => number) =>
    sum(values.slice(0, -1).map((value, at) => (value - mean(at)) ** 2)) / (values.length - 1);

  it('has the chance taken out where days are alike', () => {
    const random = randomBy(1);
    const mean = (at: number) => 20 + 15 * Math.sin((at * Math.PI) / 12);
    const arrivals = Array.from({ length: DAYS * 24 + 1 }, (_, at) => poisson(random, mean(at)));
    const expected = expectedOf(arrivals)(arrivals);
    expect(sum(expected)).toBeCloseTo(sum(arrivals), 6);
    expect(spread(arrivals, mean)).toBeGreaterThan(15);
    expect(spread(expected, mean)).toBeLessThan(5);
  });

  it('keeps what sets days apart', () => {
    const random = randomBy(2);
    const mean = (at: number) => (at < 48 ? 40 : 400);
    const arrivals = Array.from({ length: DAYS * 24 + 1 }, (_, at) => poisson(random, mean(at)));
    const expected = expectedOf(arrivals)(arrivals);
    expect(sum(expected.slice(0, 48)) / 48).toBeLessThan(50);
    expect(sum(expected.slice(48, -1)) / 120).toBeGreaterThan(390);
  });

  it('is what there was on a single day, and in the hour that has begun', () => {
    const day = Array.from({ length: 24 }, (_, at) => at);
    expect(expectedOf(day)(day)).toEqual(day);
    const alike = [...Array.from({ length: 48 }, () => 10), 1];
    expect(expectedOf(alike)(alike)).toEqual(alike);
  });
});
