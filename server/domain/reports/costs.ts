import { type FieldError, Problem } from '../../lib/errors.js';
import type { Cost, CostStore } from '../../stores/costs.js';

/** A cost as it was sent: the currency may be left out, as it can be no other than the site's. */
export interface SentCost extends Cost {
  currency?: string;
}

/** How many errors are told at most. */
const MOST_ERRORS = 100;

/**
 * What is wrong with costs that are right one by one: another currency than the site's, or the same day and key twice,
 * of which nobody knows which to take. `placeOf` names a row.
 */
export function faultsOf(
  costs: readonly SentCost[],
  siteCurrency: string,
  placeOf: (at: number) => string,
): FieldError[] {
  const faults: FieldError[] = [];
  const seen = new Map<string, number>();
  for (const [at, { date, source, medium, campaign, keyword, currency }] of costs.entries()) {
    if (currency !== undefined && currency !== siteCurrency) {
      const message = `is ${currency}, but the site counts in ${siteCurrency}, and no exchange rates are kept`;
      faults.push({ path: `${placeOf(at)}.currency`, message });
    }
    const key = JSON.stringify([date, source, medium, campaign, keyword]);
    const before = seen.get(key);
    if (before === undefined) seen.set(key, at);
    else faults.push({ path: placeOf(at), message: `has the day and key of ${placeOf(before)}` });
    if (faults.length >= MOST_ERRORS) break;
  }
  return faults;
}

/** Stores all costs or, where one is wrong, none and says which (`invalid_request`). */
export async function importCosts(
  store: CostStore,
  site: { id: string; currency: string },
  costs: readonly SentCost[],
  placeOf: (at: number) => string,
): Promise<void> {
  const faults = faultsOf(costs, site.currency, placeOf);
  if (faults.length > 0) throw new Problem('invalid_request', 'The costs are not valid.', faults);
  await store.save(site, costs);
}
