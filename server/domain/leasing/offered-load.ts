/** The sessions that first asked for a number in one hour. */
export interface HourOfArrivals {
  /** Those that got one. */
  served: number;
  /** Those that never got one. */
  blocked: number;
  /** Seconds from the first sign to the last, of those that got one, added up. */
  visitSeconds: number;
}

const HOUR_SECONDS = 3600;
const HOURS_OF_DAY = 24;

export const arrivalsOf = ({ served, blocked }: HourOfArrivals): number => served + blocked;

/** Mean seconds of a visit; of the blocked ones nothing is known, so they are taken for like the others. 0: none seen. */
export function meanVisit(hours: HourOfArrivals[]): number {
  const served = hours.reduce((sum, hour) => sum + hour.served, 0);
  return served === 0 ? 0 : hours.reduce((sum, hour) => sum + hour.visitSeconds, 0) / served;
}

/** Of holds of `length` hours that begin evenly over the hour from 0 to 1: the mean of what is over by the time `at`. */
function heldBy(at: number, length: number): number {
  const ramp = (x: number) => (x > 0 ? (x * x) / 2 : 0);
  return ramp(at) - ramp(at - 1) - (ramp(at - length) - ramp(at - 1 - length));
}

/**
 * Erlangs that each of successive hours is offered: the mean number of holds that would be going on at once if there
 * were numbers for all. A hold is a visit and the window after it, and counts in every hour into which it reaches (the
 * modified offered load of time-dependent loss systems, Jagerman 1975).
 */
export function offeredLoads(hours: HourOfArrivals[], windowSeconds: number): number[] {
  const loads = hours.map(() => 0);
  const usual = meanVisit(hours);
  hours.forEach((hour, from) => {
    const arrivals = arrivalsOf(hour);
    if (arrivals === 0) return;
    const visit = hour.served === 0 ? usual : hour.visitSeconds / hour.served;
    const length = (visit + windowSeconds) / HOUR_SECONDS;
    for (let at = 0; at < length + 1 && from + at < loads.length; at += 1) {
      const held = heldBy(at + 1, length) - heldBy(at, length);
      loads[from + at] = (loads[from + at] as number) + arrivals * held;
    }
  });
  return loads;
}

/** The hours that are the same hour of a day, by their places. The last hour has only begun: it is like no other. */
function sameHours(count: number): number[][] {
  const groups: number[][] = Array.from({ length: HOURS_OF_DAY }, () => []);
  for (let at = 0; at < count - 1; at += 1) groups[at % HOURS_OF_DAY]?.push(at);
  return groups.filter((places) => places.length > 1);
}

const meanAt = (values: number[], places: number[]): number =>
  places.reduce((sum, at) => sum + (values[at] as number), 0) / places.length;

/**
 * How much of what sets the same hours of different days apart is chance, 0 to 1: arrivals by chance differ by as much as
 * their mean (Poisson).
 */
function shareOfChance(arrivals: number[], groups: number[][]): number {
  let variance = 0;
  let byChance = 0;
  for (const places of groups) {
    const mean = meanAt(arrivals, places);
    const squares = places.reduce((sum, at) => sum + ((arrivals[at] as number) - mean) ** 2, 0);
    variance += squares / (places.length - 1);
    byChance += mean;
  }
  return variance <= byChance ? 1 : byChance / variance;
}

/**
 * A function that takes the chance out of hourly values: what is blocked in an hour is reckoned from what can be
 * expected of it, and Erlang's formula knows already that it may be more or less. Each value is drawn towards the mean
 * of its hour of the day, by as much as chance explains why they differ (James and Stein).
 */
export function expectedOf(arrivals: number[]): (values: number[]) => number[] {
  const groups = sameHours(arrivals.length);
  const chance = shareOfChance(arrivals, groups);
  return (values) => {
    const expected = [...values];
    for (const places of groups) {
      const mean = meanAt(values, places);
      for (const at of places) expected[at] = mean + (1 - chance) * ((values[at] as number) - mean);
    }
    return expected;
  };
}
