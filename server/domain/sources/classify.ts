import type { Arrival } from './arrival.js';
import { CLICK_IDS } from './click-ids.js';
import type { SiteKind } from './known-sites.js';
import { knownSite } from './site-lookup.js';
import { addressOf, bareHost, readUrl } from './web-address.js';

/** Why a session has the source it has. */
export type SourceReason = 'utm' | 'click_id' | 'search' | 'known_site' | 'referral' | 'direct';

export interface Source {
  source: string;
  medium: string;
  campaign: string | null;
  term: string | null;
  content: string | null;
  reason: SourceReason;
}

type Origin = Pick<Source, 'source' | 'medium' | 'reason'>;

const NOT_SET = '(not set)';
const DIRECT: Origin = { source: '(direct)', medium: '(none)', reason: 'direct' };

/** The medium that a known site stands for; `ai-assistant` as Google Analytics names it. */
const MEDIUMS: Record<Exclude<SiteKind, 'gateway'>, string> = {
  search: 'organic',
  maps: 'organic',
  social: 'social',
  video: 'video',
  mail: 'email',
  ai: 'ai-assistant',
};

/** What the source rules read of an arrival. */
export type SourceFacts = Pick<Arrival, 'utm' | 'clickIds' | 'mailTool' | 'landingPageUrl' | 'referringUrl'>;

/**
 * The source of an arrival, the first that fits: UTM parameters, click id, search engine, social or other known site,
 * other site, direct. `siteHosts` are the site's own hosts: `shop.example`, `https://shop.example`, `*.shop.example`.
 */
export function classify(arrival: SourceFacts, siteHosts: readonly string[]): Source {
  const { utm } = arrival;
  const referrer = referrerOrigin(arrival, siteHosts);
  const click = clickOrigin(arrival, referrer.source);
  return {
    ...named(utm, click, referrer),
    campaign: utm.campaign,
    term: utm.term,
    content: utm.content,
  };
}

/** Whether somebody sent the visitor: a campaign, a click id or another site. */
export function isArrival(arrival: SourceFacts, siteHosts: readonly string[]): boolean {
  return classify(arrival, siteHosts).reason !== 'direct';
}

function named(utm: Arrival['utm'], click: Origin | null, referrer: Origin): Origin {
  if (utm.source !== null) {
    return { source: utm.source, medium: utm.medium ?? click?.medium ?? NOT_SET, reason: 'utm' };
  }
  const tagged = utm.medium ?? utm.campaign ?? utm.term ?? utm.content ?? utm.id;
  const origin = click ?? referrer;
  if (tagged === null) return origin;
  // Tagged, but without a source: it is not direct, and what else we know fills the gap.
  if (origin.reason === 'direct') return { source: NOT_SET, medium: utm.medium ?? NOT_SET, reason: 'utm' };
  return { ...origin, medium: utm.medium ?? origin.medium };
}

/**
 * What the click ids say. Of several the one that agrees with the referrer: an ad's link that is shared on a social
 * network still carries the ad's id. Else the first by precedence.
 */
function clickOrigin(arrival: SourceFacts, referrerSource: string): Origin | null {
  const present = Object.keys(arrival.clickIds);
  const ids = present.length > 0 ? CLICK_IDS.filter(({ param }) => present.includes(param)) : [];
  const id = ids.find(({ source }) => source === referrerSource) ?? ids[0];
  if (id) return { source: id.source, medium: id.medium, reason: 'click_id' };
  if (arrival.mailTool !== null) return { source: arrival.mailTool, medium: 'email', reason: 'click_id' };
  return null;
}

function referrerOrigin(arrival: SourceFacts, siteHosts: readonly string[]): Origin {
  const url = readUrl(arrival.referringUrl);
  if (!url) return DIRECT;
  const from = addressOf(url);
  if (isOwnHost(from.host, arrival.landingPageUrl, siteHosts)) return DIRECT;

  const site = knownSite(from);
  if (!site) return { source: from.host, medium: 'referral', reason: 'referral' };
  if (site.kind === 'gateway') return DIRECT;
  const reason = site.kind === 'search' ? 'search' : 'known_site';
  return { source: site.source, medium: MEDIUMS[site.kind], reason };
}

function isOwnHost(host: string, landingPageUrl: string, siteHosts: readonly string[]): boolean {
  const page = readUrl(landingPageUrl);
  if (page && addressOf(page).host === host) return true;
  return siteHosts.some((entry) => {
    const own = bareHost(entry.replace(/^[a-z-]+:\/\//i, '').replace(/[:/].*$/s, ''));
    return own.startsWith('*.') ? host.endsWith(own.slice(1)) || host === own.slice(2) : host === own;
  });
}
