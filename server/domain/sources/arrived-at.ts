import { parseArrival } from './arrival.js';
import { isArrival } from './classify.js';

/** A page, and the page before it. */
interface Place {
  url: string;
  referrer: string;
}

/**
 * Where a visit arrived: on this page if somebody sent the visitor to it (a campaign, a click id, another site than
 * `siteHosts`), else where the browser says that it arrived before, if it says so: no view of it was acknowledged.
 */
export const arrivedAt = (page: Place, landing: Place | undefined, siteHosts: readonly string[]): Place =>
  landing === undefined || isArrival(parseArrival(page), siteHosts) ? page : landing;
