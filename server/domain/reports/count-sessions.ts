import { stretchesOf } from './stretches.js';

/** Days by a zone's clocks, and how they are counted. */
export interface DayCounts {
  sites: () => Promise<{ id: string; time_zone: string }[]>;
  /** Since when days of the site may have to be counted; null: it has no session. */
  since: (siteId: string, zone: string, until: Date) => Promise<Date | null>;
  /** Counts some of the days that are not counted yet; 0: none is left, or another server is at it. */
  count: (siteId: string, zone: string, days: { startsAt: Date; endsAt: Date }[]) => Promise<number>;
  /** Milliseconds that a day must be over. */
  settled: number;
}

/** Counts the sessions of all sites by the day, as far as days are over. How many days it counted. */
export async function countSessions(counts: DayCounts, now = new Date()): Promise<number> {
  const horizon = new Date(now.getTime() - counts.settled);
  let counted = 0;
  for (const { id, time_zone } of await counts.sites()) {
    const since = await counts.since(id, time_zone, horizon);
    if (!since || since >= horizon) continue;
    // From the beginning of that day on: a stretch may begin in the middle of one.
    const from = new Date(since.getTime() - 2 * 86_400_000);
    const starts = stretchesOf({ from, until: horizon }, 'day', time_zone)
      .slice(1)
      .map(({ start }) => start);
    const days = starts.slice(0, -1).map((startsAt, at) => ({ startsAt, endsAt: starts[at + 1] as Date }));
    if (days.length === 0) continue;
    for (let some = 1; some > 0; counted += some) some = await counts.count(id, time_zone, days);
  }
  return counted;
}
