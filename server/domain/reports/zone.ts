// Wall clocks. A wall time is written as the milliseconds that a UTC clock showing the same would have counted, so
// that the arithmetic of dates is that of UTC. The rules of the zones are those of Intl (IANA tz).

export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

const clocks = new Map<string, Intl.DateTimeFormat>();

/** A zone's wall clock. Throws RangeError where there is no such zone. */
function clockOf(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone);
  if (known) return known;
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'iso8601',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  clocks.set(zone, clock);
  return clock;
}

/** Whether it is the name of a time zone; `+02:00` is an offset and no zone. */
export function isTimeZone(zone: string): boolean {
  if (!/^[A-Za-z]/.test(zone)) return false;
  try {
    clockOf(zone);
    return true;
  } catch {
    return false;
  }
}

/** What the zone's clocks show at an instant. */
export function wallTime(zone: string, instant: number): number {
  const part = Object.fromEntries(
    clockOf(zone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  ) as Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second', number>;
  const seconds = Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
  return seconds + (((instant % 1000) + 1000) % 1000);
}

/** How far the zone's clocks are ahead of UTC at an instant, in milliseconds. */
export const offsetAt = (zone: string, instant: number): number => wallTime(zone, instant) - instant;

/**
 * The first instant at which the zone's clocks show this wall time or, where they skip it, a later one. Where they
 * show it twice it is the first.
 */
export function instantOf(zone: string, wall: number): number {
  const before = offsetAt(zone, wall - DAY_MS);
  const after = offsetAt(zone, wall + DAY_MS);
  if (before === after) return wall - before;
  for (const offset of [before, after]) {
    if (offsetAt(zone, wall - offset) === offset) return wall - offset;
  }
  // Skipped: the clocks are set forward somewhere between the two readings.
  let earlier = wall - Math.max(before, after);
  let later = wall - Math.min(before, after);
  while (later - earlier > 1000) {
    const middle = Math.floor((earlier + later) / 2000) * 1000;
    if (offsetAt(zone, middle) === before) earlier = middle;
    else later = middle;
  }
  return later;
}
