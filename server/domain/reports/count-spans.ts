import type { Span, SpanCounts, Unit } from '../../stores/span-counts.js';
import { type Stretch, stretchesOf } from './stretches.js';
import { DAY_MS } from './zone.js';

/** Days first: months are put together of them. */
const UNITS: Unit[] = ['day', 'month'];

/** The whole days or months between two times, from that on in which the first lies. */
function wholeSpans(unit: Unit, from: Date, until: Date, zone: string): Span[] {
  const before = new Date(from.getTime() - (unit === 'day' ? 2 : 32) * DAY_MS);
  // The first may be cut.
  const starts = stretchesOf({ from: before, until }, unit, zone).slice(1);
  return starts
    .slice(0, -1)
    .map(({ start }, at) => ({ startsAt: start, endsAt: (starts[at + 1] as Stretch).start }))
    .filter(({ endsAt }) => endsAt > from);
}

/** Counts sessions and calls of all sites by the day and the month, as far as these are over. How many spans it counted. */
export async function countSpans(counts: SpanCounts, now = new Date()): Promise<number> {
  const horizon = new Date(now.getTime() - counts.settledMs);
  let counted = 0;
  for (const site of await counts.sites()) {
    await counts.forget(site, horizon);
    for (const unit of UNITS) {
      const since = await counts.since(site, unit);
      if (!since || since >= horizon) continue;
      const spans = wholeSpans(unit, since, horizon, site.time_zone);
      if (spans.length === 0) continue;
      for (let some = 1; some > 0; counted += some) some = await counts.count(site, unit, spans);
    }
  }
  return counted;
}
