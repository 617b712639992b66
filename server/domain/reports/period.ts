import { type FieldError, Problem } from '../../lib/errors.js';
import type { Period } from '../../stores/reports.js';
import { DAY_MS, instantOf, wallTime } from './zone.js';

/** A period and how it is named: bare dates where whole days were meant, else date-times in UTC. */
export interface NamedPeriod extends Period {
  start_date: string;
  end_date: string;
}

const DEFAULT_DAYS = 30;
const MAX_DAYS = 3660;
const YEARS = { first: 2000, last: 2100 };

const DATE = /^\d{4}-\d\d-\d\d$/;
const DATE_TIME = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)$/;

type Field = 'start_date' | 'end_date';

function refuse(path: Field, message: string): never {
  const error: FieldError = { path, message };
  throw new Problem('invalid_request', 'The query is not valid.', [error]);
}

/** `2026-02-31` is no date, though Date would read it as one in March. */
const isDate = (date: string): boolean => {
  const at = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(date);
};

type Moment = { kind: 'date'; wall: number; date: string } | { kind: 'time'; instant: number };

function read(field: Field, given: string): Moment {
  // A plus that a URL did not escape arrives as a blank.
  const text = given.trim().replace(/ (?=\d\d:\d\d$)/, '+');
  const date = text.slice(0, 10);
  const isBare = DATE.test(text);
  if (!(isBare || DATE_TIME.test(text)) || !isDate(date)) {
    refuse(field, 'is neither a date, 2026-10-25, nor a date-time with its offset, 2026-10-25T08:00:00Z');
  }
  const year = Number(date.slice(0, 4));
  if (year < YEARS.first || year >= YEARS.last) {
    refuse(field, `must lie between ${YEARS.first} and ${YEARS.last}`);
  }
  if (isBare) return { kind: 'date', wall: Date.parse(`${date}T00:00:00Z`), date };
  const instant = Date.parse(text.toUpperCase());
  return Number.isNaN(instant) ? refuse(field, 'is no time') : { kind: 'time', instant };
}

const dateOf = (wall: number): string => new Date(wall).toISOString().slice(0, 10);
const startOfDay = (wall: number): number => Math.floor(wall / DAY_MS) * DAY_MS;

/**
 * The period that two dates name: a bare date is a whole day of the zone, the last one included; date-times are
 * half-open. Without an end it lasts to the end of today, without a start 30 days. At most ten years.
 */
export function resolvePeriod(ask: { start?: string; end?: string; zone: string; now: Date }): NamedPeriod {
  const { zone, now } = ask;
  const today = startOfDay(wallTime(zone, now.getTime()));
  const end: Moment =
    ask.end === undefined ? { kind: 'date', wall: today, date: dateOf(today) } : read('end_date', ask.end);
  const until = end.kind === 'date' ? instantOf(zone, end.wall + DAY_MS) : end.instant;
  const start: Moment = ask.start === undefined ? defaultStart(end) : read('start_date', ask.start);
  const from = start.kind === 'date' ? instantOf(zone, start.wall) : start.instant;
  if (from >= until) refuse('start_date', 'must lie before end_date');
  if (until - from > MAX_DAYS * DAY_MS) refuse('start_date', 'lies more than ten years before end_date');
  return {
    from: new Date(from),
    until: new Date(until),
    start_date: start.kind === 'date' ? start.date : new Date(from).toISOString(),
    end_date: end.kind === 'date' ? end.date : new Date(until).toISOString(),
  };
}

function defaultStart(end: Moment): Moment {
  if (end.kind === 'time') return { kind: 'time', instant: end.instant - DEFAULT_DAYS * DAY_MS };
  const wall = end.wall - (DEFAULT_DAYS - 1) * DAY_MS;
  return { kind: 'date', wall, date: dateOf(wall) };
}

/**
 * The time as long before a period: as many whole days by the zone's calendar where it begins and ends with days, else as
 * many milliseconds.
 */
export function previousPeriod(period: NamedPeriod, zone: string): NamedPeriod {
  const [from, until] = [period.from.getTime(), period.until.getTime()];
  const [start, end] = [wallTime(zone, from), wallTime(zone, until)];
  if (start % DAY_MS !== 0 || end % DAY_MS !== 0) {
    const earlier = new Date(from - (until - from));
    return {
      from: earlier,
      until: period.from,
      start_date: earlier.toISOString(),
      end_date: period.from.toISOString(),
    };
  }
  const first = start - (end - start);
  return {
    from: new Date(instantOf(zone, first)),
    until: period.from,
    start_date: dateOf(first),
    end_date: dateOf(start - DAY_MS),
  };
}
