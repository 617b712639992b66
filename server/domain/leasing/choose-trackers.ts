import type { Tracker, TrackerMatch } from '../../stores/settings.js';
import { channelOf } from '../sources/channel.js';

/** What a tracker's `match` is compared with. */
export interface MatchFacts {
  source: string;
  medium: string;
  campaign: string | null;
  /** Path of the landing page, from its slash. */
  landingPath: string;
  referrerDomain: string | null;
}

const wanted = (value: string | string[]): string[] =>
  (Array.isArray(value) ? value : [value]).map((text) => text.toLowerCase());

/** `/shop` covers `/shop`, `/shop/` and `/shop/boilers`, and not `/shopping`. */
function isBelow(path: string, prefix: string): boolean {
  const stem = prefix.replace(/\/+$/, '');
  return path === stem || path.startsWith(`${stem}/`) || stem === '';
}

/** Whether a session fits a tracker: keys AND, arrays OR, compared without case; an empty match fits everything. */
export function fits(match: TrackerMatch, facts: MatchFacts): boolean {
  const equal = (value: string | string[] | undefined, fact: string | null) =>
    value === undefined || wanted(value).includes((fact ?? '').toLowerCase());
  return (
    equal(match.source, facts.source) &&
    equal(match.medium, facts.medium) &&
    equal(match.campaign, facts.campaign) &&
    (match.channel === undefined || equal(match.channel, channelOf(facts))) &&
    equal(match.referrer_domain, facts.referrerDomain) &&
    (match.landing_page === undefined ||
      wanted(match.landing_page).some((prefix) => isBelow(facts.landingPath.toLowerCase(), prefix)))
  );
}

/** Whether any of these trackers asks where the session came from. */
export const needFacts = (trackers: Tracker[]): boolean =>
  trackers.some((tracker) => Object.keys(tracker.match).length > 0);
