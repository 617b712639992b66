import { z } from 'zod';
import { whole } from './schemas.js';

/** One text or several, any of which will do. */
export const oneOrMoreOf = (one: ReturnType<typeof whole>) => z.union([one, z.array(one).min(1).max(100)]);

export const oneOrMore = oneOrMoreOf(whole(200));

/** The begin of a path, so anything else would never fit. */
const paths = oneOrMoreOf(
  whole(200).refine((path) => path.startsWith('/'), { message: 'is not the begin of a path, like /prices' }),
);

/** What an arrival is matched with. */
export const arrivalMatch = {
  source: oneOrMore,
  medium: oneOrMore,
  campaign: oneOrMore,
  landing_page: paths,
  referrer_domain: oneOrMore,
};

/** As it is shown. */
export const shownTexts = z.union([z.string(), z.array(z.string())]).optional();

export const shownMatch = {
  source: shownTexts,
  medium: shownTexts,
  campaign: shownTexts,
  landing_page: shownTexts,
  referrer_domain: shownTexts,
};
