import type { Site } from '../../stores/settings.js';
import type { ArrivalRecord } from '../../stores/visits.js';
import { parseArrival } from './arrival.js';
import { campaignSignature } from './campaign-signature.js';
import { classify } from './classify.js';

/** The hosts whose referrers are not arrivals: the page's own and those that the site lists as its origins. */
const ownHosts = (site: Site): string[] => site.allowed_origins;

/** Reads an arrival into what is kept with sessions and touches. */
export function arrivalRecord(site: Site, from: { url: string; referrer: string }): ArrivalRecord {
  const arrival = parseArrival(from);
  const { source, medium, campaign, term, content } = classify(arrival, ownHosts(site));
  const utm = Object.entries(arrival.utm).filter((entry): entry is [string, string] => entry[1] !== null);
  return {
    source,
    medium,
    campaign,
    term,
    content,
    utm: Object.fromEntries(utm),
    clickIds: arrival.clickIds,
    campaignSignature: campaignSignature(arrival),
    landingPageUrl: arrival.landingPageUrl,
    landingPage: arrival.landingPage,
    landingParams: arrival.landingParams,
    referringUrl: arrival.referringUrl,
    referrerDomain: arrival.referrerDomain,
  };
}
