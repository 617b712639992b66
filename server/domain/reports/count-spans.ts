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

/**
 * Counts sessions and calls of all sites by the day and the month, as far as these are over, until it is done or `signal`
 * aborts. How many spans it counted.
 */
export async function countSpans(
  counts: SpanCounts,
  { now, signal }: { now?: Date; signal?: AbortSignal } = {},
): Promise<number> {
  const horizon = new Date((now ?? (await counts.now())).getTime() - counts.settledMs);
  let counted = 0;
  for (const site of await counts.sites()) {
    if (signal?.aborted) break;
    await counts.forget(site, horizon);
    for (const unit of UNITS) {
      const since = await counts.since(site, unit);
      if (!since || since >= horizon) continue;
      const spans = wholeSpans(unit, since, horizon, site.time_zone);
      let some = spans.length;
      while (some > 0 && !signal?.aborted) {
        some = await counts.count(site, unit, spans);
        counted += some;
      }
    }
  }
  return counted;
}
