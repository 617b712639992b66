import { getDomain } from 'tldts';
import type { ChannelRule } from '../../stores/settings.js';
import { channelOf } from './channel.js';
import { type ArrivalFacts, anyFits, fitsArrival, isOneOf } from './match.js';
import { bareHost } from './web-address.js';

/** What a channel is told by. */
export interface ChannelFacts extends ArrivalFacts {
  /** Names of the click ids that came with it. */
  clickIds: readonly string[];
}

/** A host is one of its own name, and one of what somebody has registered: never of a part of a name. */
function isOfHost(host: string, asked: string): boolean {
  const wanted = bareHost(asked);
  return bareHost(host) === wanted || getDomain(host) === wanted;
}

const fits = ({ match }: ChannelRule, facts: ChannelFacts): boolean =>
  fitsArrival(match, facts) &&
  anyFits(
    match.referrer_domain,
    (asked) => facts.referrerDomain !== null && isOfHost(facts.referrerDomain, asked),
  ) &&
  (match.click_id === undefined || facts.clickIds.some((name) => isOneOf(match.click_id, name)));

/** The channel of an arrival: of the site's own rules the first that fits, else the one by Google Analytics 4's rules. */
export const channelFor = (rules: readonly ChannelRule[], facts: ChannelFacts): string =>
  rules.find((rule) => fits(rule, facts))?.channel ?? channelOf(facts);
