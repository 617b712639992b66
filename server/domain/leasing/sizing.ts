import { cutShortShare } from './cut-short.js';
import { erlangB, numbersFor, type OfferedLoad } from './erlang-b.js';
import { arrivalsOf, expectedOf, type HourOfArrivals, meanVisit, offeredLoads } from './offered-load.js';

/** A tracker has no more. */
const MOST_NUMBERS = 100_000;

/** A pool as far as its size goes. Windows in seconds. */
export interface PoolSize {
  numbers: number;
  reservationSeconds: number;
  minReservationSeconds: number;
}

/** What a pool of some size makes of arrivals; null: there were none. */
export interface Sizing {
  /** Seconds for which an arrival keeps a number from others: the visit and the minimum window. */
  meanHold: number | null;
  /** Erlangs, hour by hour. */
  loads: number[];
  /** Of all arrivals: who would get no number. */
  blockedShare: number | null;
  /** Of the leases: those that would be cut short for another visitor. */
  cutShortShare: number | null;
  /** The smallest numbers with which that is 1 % and 0.1 %; null: more than a tracker can have, too. */
  numbersFor1Percent: number | null;
  numbersFor01Percent: number | null;
}

/**
 * What to expect of a pool that these arrivals ask, hour by hour. A pool that may cut reservations short has no number
 * only when even the minimum windows fill it: what is blocked, and how many numbers are needed, is Erlang B over visit
 * and minimum window.
 */
export function sizing(hours: HourOfArrivals[], size: PoolSize): Sizing {
  const { numbers, reservationSeconds, minReservationSeconds } = size;
  const first = hours.findIndex((hour) => arrivalsOf(hour) > 0);
  const loads = offeredLoads(hours, minReservationSeconds);
  if (first === -1) {
    return {
      meanHold: null,
      loads,
      blockedShare: null,
      cutShortShare: null,
      numbersFor1Percent: null,
      numbersFor01Percent: null,
    };
  }

  // Before the first arrival there may have been no tracker: that says nothing of any hour of the day.
  const arrivals = hours.slice(first).map(arrivalsOf);
  const expected = expectedOf(arrivals);
  const kept = expected(loads.slice(first));
  const wanted = expected(offeredLoads(hours, reservationSeconds).slice(first));
  const offered: OfferedLoad[] = expected(arrivals).map((count, at) => ({
    arrivals: count,
    load: kept[at] as number,
  }));

  let asked = 0;
  let blocked = 0;
  let cutShort = 0;
  offered.forEach(({ arrivals: count, load }, at) => {
    if (count === 0) return;
    const lost = erlangB(numbers, load);
    const resting = ((wanted[at] as number) - load) * (1 - lost);
    asked += count;
    blocked += count * lost;
    cutShort += count * cutShortShare(numbers, { kept: load, resting });
  });
  return {
    meanHold: meanVisit(hours) + minReservationSeconds,
    loads,
    blockedShare: blocked / asked,
    cutShortShare: asked > blocked ? Math.min(1, cutShort / (asked - blocked)) : null,
    numbersFor1Percent: numbersFor(0.01, offered, MOST_NUMBERS),
    numbersFor01Percent: numbersFor(0.001, offered, MOST_NUMBERS),
  };
}
