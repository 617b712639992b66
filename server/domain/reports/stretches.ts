import { Problem } from '../../lib/errors.js';
import type { Period } from '../../stores/reports.js';
import { DAY_MS, HOUR_MS, instantOf, wallTime } from './zone.js';

export type Interval = 'hour' | 'day' | 'week' | 'month';

/** A stretch of a period: an hour, a day, an ISO week or a month by a zone's clocks; the first and last may be cut. */
export interface Stretch {
  key: string;
  start: Date;
}

const MAX_HOURLY_DAYS = 100;

const pad = (value: number): string => String(value).padStart(2, '0');

function offsetText(offset: number): string {
  const minutes = Math.round(Math.abs(offset) / 60_000);
  return `${offset < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}

/** Days since the Monday, 0 to 6. */
const daysIntoWeek = (wall: number): number => (new Date(wall).getUTCDay() + 6) % 7;

/** ISO 8601: the week belongs to the year that its Thursday lies in. */
function weekKey(wall: number): string {
  const thursday = wall + (3 - daysIntoWeek(wall)) * DAY_MS;
  const year = new Date(thursday).getUTCFullYear();
  const week = Math.floor((thursday - Date.UTC(year, 0, 1)) / (7 * DAY_MS)) + 1;
  return `${year}-W${pad(week)}`;
}

const floorTo = (wall: number, unit: number): number => Math.floor(wall / unit) * unit;

/** The key of the stretch that begins, or goes on, at a wall time. The offset tells the hours apart that come twice. */
const KEY: Record<Interval, (wall: number, offset: number) => string> = {
  hour: (wall, offset) =>
    `${new Date(floorTo(wall, HOUR_MS)).toISOString().slice(0, 19)}${offsetText(offset)}`,
  day: (wall) => new Date(wall).toISOString().slice(0, 10),
  week: weekKey,
  month: (wall) => new Date(wall).toISOString().slice(0, 7),
};

/** The wall time at which the next stretch begins. */
const NEXT: Record<Exclude<Interval, 'hour'>, (wall: number) => number> = {
  day: (wall) => floorTo(wall, DAY_MS) + DAY_MS,
  week: (wall) => floorTo(wall, DAY_MS) + (7 - daysIntoWeek(wall)) * DAY_MS,
  month: (wall) => Date.UTC(new Date(wall).getUTCFullYear(), new Date(wall).getUTCMonth() + 1, 1),
};

/** The stretches that a period consists of, in order, without gaps. Hours are of at most 100 days. */
export function stretchesOf({ from, until }: Period, interval: Interval, zone: string): Stretch[] {
  // An hour more, for a day of 25.
  if (interval === 'hour' && until.getTime() - from.getTime() > MAX_HOURLY_DAYS * DAY_MS + HOUR_MS) {
    throw new Problem('invalid_request', `By the hour at most ${MAX_HOURLY_DAYS} days can be asked for.`);
  }
  const stretches: Stretch[] = [];
  for (let at = from.getTime(); at < until.getTime(); ) {
    const wall = wallTime(zone, at);
    stretches.push({ key: KEY[interval](wall, wall - at), start: new Date(at) });
    // An hour ends an hour after it began, whatever the clocks are set to meanwhile.
    at =
      interval === 'hour'
        ? at + floorTo(wall, HOUR_MS) + HOUR_MS - wall
        : nextAfter(zone, at, NEXT[interval](wall));
  }
  return stretches;
}

/** A day that a zone left out (Samoa, 30 December 2011) has no length; the day after it is next. */
function nextAfter(zone: string, at: number, wall: number): number {
  const next = instantOf(zone, wall);
  return next > at ? next : instantOf(zone, wall + DAY_MS);
}
