import type { Tracker, TrackerMatch } from '../../stores/settings.js';
import { type ArrivalFacts, fitsArrival, isOneOf } from '../sources/match.js';

/** What a tracker's `match` is compared with. */
export interface MatchFacts extends ArrivalFacts {
  channel: string;
}

/** Whether a session fits a tracker: keys AND, arrays OR, compared without case; an empty match fits everything. */
export const fits = (match: TrackerMatch, facts: MatchFacts): boolean =>
  fitsArrival(match, facts) &&
  isOneOf(match.channel, facts.channel) &&
  isOneOf(match.referrer_domain, facts.referrerDomain);

/** Whether any of these trackers asks where the session came from. */
export const needFacts = (trackers: Tracker[]): boolean =>
  trackers.some((tracker) => Object.keys(tracker.match).length > 0);
