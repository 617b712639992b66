import type { Facts, LeaseFact, Reason } from './facts.js';
import { afterRate, dialledBy, meanAfterRate, OPEN_SECONDS, openRate, tapRate } from './time-model.js';

/** People seldom call from a phone of another country than they browse in. */
const OTHER_COUNTRY = 0.3;

/** A visitor who was shown the number, by the likeliest of their leases of it. Rates in calls a second. */
export interface Holder {
  visitor_id: string;
  session_id: string | null;
  lease_id: string;
  /** Expected of them by when they were there. */
  rate: number;
  /** Expected of them because they tapped the number. */
  tapRate: number;
  /** Expected of them without a tap, had they been there until the call. */
  mostRate: number;
  /** What speaks for and against them, but for the weight that it has beside the others. */
  lease: LeaseFact;
  tilts: Reason[];
}

const seconds = (count: number): string => `${Math.round(count)} s`;
const rounded = (factor: number): number => Number(factor.toPrecision(3));

/** Whether the page counts as open: one that said nothing for longer than it would is as good as left. */
export const isOpen = (lease: Pick<LeaseFact, 'page_open' | 'silent_for'>): boolean =>
  lease.page_open && lease.silent_for <= OPEN_SECONDS;

/** By when the holder of a lease was there, and what tilts it. */
function rateOf(lease: LeaseFact, facts: Facts): { rate: number; tilts: Reason[] } {
  const { model, caller_country } = facts;
  const tilts: Reason[] = [];
  const left = afterRate(model, lease.silent_for);
  let rate = left;
  if (isOpen(lease)) {
    rate = openRate(model);
    tilts.push({ code: 'page_open', weight: rounded(rate / left), detail: 'the page was still open' });
  }
  const dialled = dialledBy(lease.shown_for);
  if (dialled < 0.99) {
    rate *= dialled;
    const detail = `${seconds(lease.shown_for)} are hardly enough to read and dial it`;
    tilts.push({ code: 'new_holder', weight: rounded(dialled), detail });
  }
  if (lease.country && caller_country && lease.country !== caller_country) {
    rate *= OTHER_COUNTRY;
    const detail = `a caller from ${caller_country}, a visitor in ${lease.country}`;
    tilts.push({ code: 'other_country', weight: OTHER_COUNTRY, detail });
  }
  return { rate, tilts };
}

/** Everybody who was shown the number, in an order of their own: sums come out the same in whatever order facts are. */
export function holdersOf(facts: Facts): Holder[] {
  const holders = new Map<string, Holder>();
  const most = Math.max(openRate(facts.model), afterRate(facts.model, 0));
  for (const lease of [...facts.leases].sort((a, b) => (a.lease_id < b.lease_id ? -1 : 1))) {
    const { rate, tilts } = rateOf(lease, facts);
    const byTap = lease.tapped_for === null ? 0 : tapRate(facts.model, lease.tapped_for);
    const { visitor_id, session_id, lease_id } = lease;
    const rates = { rate, tapRate: byTap, mostRate: most };
    const one: Holder = { visitor_id, session_id, lease_id, ...rates, lease, tilts };
    const before = holders.get(visitor_id);
    if (!before) {
      holders.set(visitor_id, one);
      continue;
    }
    // What they did by another lease adds to what is expected of them.
    const main = rate + byTap > rateOf(before.lease, facts).rate + before.tapRate ? one : before;
    const sum = {
      rate: before.rate + rate,
      tapRate: before.tapRate + byTap,
      mostRate: before.mostRate + most,
    };
    holders.set(visitor_id, { ...main, ...sum });
  }
  return [...holders.values()];
}

/** Calls a second that are nobody's we could name: strays, and holders of long ago together. */
export const unknownRate = ({ model, older }: Pick<Facts, 'model' | 'older'>): number =>
  older.reduce((sum, { from, to, count }) => sum + count * meanAfterRate(model, from, to), model.stray);
