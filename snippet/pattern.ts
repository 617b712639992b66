import { split, TRUNKS } from './number.js';

/**
 * What people put between digits: spaces of all kinds, dots, slashes, hyphens, brackets, zero-width and direction marks.
 * Unlimited, because source text is often indented between two digits. No apostrophes: they are for thousands.
 */
export const BETWEEN = '[\\s\\xad\\xb7\\u2000-\\u2015\\u2022-\\u206f\\u2212\\u30fb\\u30fc()[\\]./-]*';

const spread = (digits: string): string => digits.split('').join(BETWEEN);

/**
 * A pattern for known numbers, with or without country code or national prefix; the number is its first group. Before it stands
 * no digit, not even with a hyphen or point between, no letter and no sign of a price or an order number. Behind it the
 * same, but `x` and `ext` begin an extension, and two digits after a slash may begin the next number.
 */
export const patternOf = (numbers: string[]): RegExp =>
  RegExp(
    `(?:^|[^\\w$€£¥₽№=#+.,-]|(?:^|\\D)[.,-])(${numbers
      .map((number) => {
        const [cc = '', nsn = ''] = split(number);
        const national = `(?:${spread(TRUNKS[cc] ?? '0')}${BETWEEN})?`;
        return `(?:(?:(?:\\+|00|0?011)${BETWEEN})?${spread(cc)}${BETWEEN}${national}|${national})${spread(nsn)}`;
      })
      .join('|')})(?![-\\u2010-\\u2015]?\\d|[.,/]\\d\\d?(?![\\s.]?\\d)|\\s?[$€£¥₽%@]|(?!e?xt?)[a-z_])`,
    'gi',
  );
