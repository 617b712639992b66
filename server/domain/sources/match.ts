import type { ArrivalMatch } from '../../stores/settings.js';

/** What a `match` of an arrival is compared with. */
export interface ArrivalFacts {
  source: string;
  medium: string | null;
  campaign: string | null;
  /** Path of the landing page, from its slash; null: came to no page. */
  landingPath: string | null;
  referrerDomain: string | null;
}

type Wanted = string | string[] | undefined;

/** Whether one of the texts asked for fits; given in lower case. Nothing asked: all is well. */
export const anyFits = (wanted: Wanted, fits: (text: string) => boolean): boolean =>
  wanted === undefined || [wanted].flat().some((text) => fits(text.toLowerCase()));

/** Whether it is one of the texts asked for, without case. */
export const isOneOf = (wanted: Wanted, fact: string | null): boolean =>
  anyFits(wanted, (text) => text === (fact ?? '').toLowerCase());

/** `/shop` covers `/shop`, `/shop/` and `/shop/boilers`, and not `/shopping`. */
function isBelow(path: string, prefix: string): boolean {
  const stem = prefix.replace(/\/+$/, '');
  return path === stem || path.startsWith(`${stem}/`) || stem === '';
}

/** Whether source, medium, campaign and landing page are those asked for: keys AND, arrays OR, compared without case. */
export const fitsArrival = (match: ArrivalMatch, facts: ArrivalFacts): boolean =>
  isOneOf(match.source, facts.source) &&
  isOneOf(match.medium, facts.medium) &&
  isOneOf(match.campaign, facts.campaign) &&
  anyFits(
    match.landing_page,
    (prefix) => facts.landingPath !== null && isBelow(facts.landingPath.toLowerCase(), prefix),
  );
