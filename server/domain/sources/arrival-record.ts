import { createMemo } from '../../lib/memo.js';
import type { ChannelRule, Site } from '../../stores/settings.js';
import type { ArrivalRecord } from '../../stores/visits.js';
import { parseArrival, type Utm } from './arrival.js';
import { campaignSignature } from './campaign-signature.js';
import { channelFor } from './channel-rules.js';
import { classify } from './classify.js';
import { pathOf } from './web-address.js';

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

const known = createMemo<ArrivalRecord>(2_000);

/** Reads an arrival into what is kept with sessions and touches. The same page may give the same object again. */
export function arrivalRecord(
  site: Site,
  { url, referrer }: { url: string; referrer: string },
): Readonly<ArrivalRecord> {
  // Own hosts matter to a referrer only. None of the parts has a line break.
  const hosts = referrer === '' ? [] : ownHosts(site);
  const rules = site.channel_rules.length === 0 ? '' : `${site.id} ${site.channel_version}`;
  const find = () => read({ url, referrer }, hosts, site.channel_rules);
  return known(`${url}\n${referrer}\n${hosts.join()}\n${rules}`, find);
}

function read(
  from: { url: string; referrer: string },
  hosts: string[],
  rules: readonly ChannelRule[],
): ArrivalRecord {
  const arrival = parseArrival(from);
  const { source, medium, campaign, term, content } = classify(arrival, hosts);
  return {
    source,
    medium,
    campaign,
    term,
    content,
    channel: channelFor(rules, {
      source,
      medium,
      campaign,
      landingPath: pathOf(arrival.landingPage),
      referrerDomain: arrival.referrerDomain,
      clickIds: Object.keys(arrival.clickIds),
    }),
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
