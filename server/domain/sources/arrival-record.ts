import type { Site } from '../../stores/settings.js';
import type { ArrivalRecord } from '../../stores/visits.js';
import { parseArrival, type Utm } from './arrival.js';
import { campaignSignature } from './campaign-signature.js';
import { classify } from './classify.js';

/** The hosts whose referrers are not arrivals: the page's own and those that the site lists as its origins. */
const ownHosts = (site: Site): string[] => site.allowed_origins;

function given(utm: Utm): Record<string, string> {
  const present: Record<string, string> = {};
  for (const name in utm) {
    const value = utm[name as keyof Utm];
    if (value !== null) present[name] = value;
  }
  return present;
}

/** Reads an arrival into what is kept with sessions and touches. */
export function arrivalRecord(site: Site, from: { url: string; referrer: string }): ArrivalRecord {
  const arrival = parseArrival(from);
  const { source, medium, campaign, term, content } = classify(arrival, ownHosts(site));
  return {
    source,
    medium,
    campaign,
    term,
    content,
    utm: given(arrival.utm),
    clickIds: arrival.clickIds,
    campaignSignature: campaignSignature(arrival),
    landingPageUrl: arrival.landingPageUrl,
    landingPage: arrival.landingPage,
    landingParams: arrival.landingParams,
    referringUrl: arrival.referringUrl,
    referrerDomain: arrival.referrerDomain,
  };
}
