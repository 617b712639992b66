import type { HourOfArrivals } from '../../server/domain/leasing/offered-load.js';
import type { PoolSize } from '../../server/domain/leasing/sizing.js';

/** The same numbers from 0 to 1 for the same seed (mulberry32). */
export function randomBy(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface SimulatedPool {
  hours: HourOfArrivals[];
  blockedShare: number;
  /** Of those who got a number: those who got it from somebody whose reservation was not over. */
  cutShortShare: number;
}

/**
 * Visitors who arrive by chance, `rate(hour)` of them an hour, at a pool that follows the order of leasing: the number
 * whose last sign is oldest, if even the minimum window is over. A third look at one page only.
 */
export function simulatePool(
  size: PoolSize,
  given: { seed: number; hours: number; rate: (hour: number) => number; meanVisit: number },
): SimulatedPool {
  const random = randomBy(given.seed);
  const wait = (mean: number) => -Math.log(1 - random()) * mean;
  const hours = Array.from({ length: given.hours }, () => ({ served: 0, blocked: 0, visitSeconds: 0 }));
  const highest = Math.max(...hours.map((_, hour) => given.rate(hour)));
  const lastSigns = Array.from({ length: size.numbers }, () => Number.NEGATIVE_INFINITY);
  let [served, blocked, cutShort] = [0, 0, 0];
  for (let at = wait(3600 / highest); at < given.hours * 3600; at += wait(3600 / highest)) {
    const place = Math.floor(at / 3600);
    const hour = hours[place];
    if (!hour || random() * highest > given.rate(place)) continue;
    const visit = random() < 1 / 3 ? 0 : wait(given.meanVisit * 1.5);
    const oldest = lastSigns.indexOf(Math.min(...lastSigns));
    const silent = at - (lastSigns[oldest] ?? at);
    if (silent < size.minReservationSeconds) {
      hour.blocked += 1;
      blocked += 1;
      continue;
    }
    if (silent < size.reservationSeconds) cutShort += 1;
    lastSigns[oldest] = at + visit;
    hour.served += 1;
    hour.visitSeconds += visit;
    served += 1;
  }
  return { hours, blockedShare: blocked / (served + blocked), cutShortShare: cutShort / served };
}
