import { split, TRUNKS } from './number.js';

/**
 * Marks before each text among those that are read together; never assigned in Unicode. NEAR: nothing is between them. SOFT: an
 * element begins or ends, so a number may go on, but letters and digits do not touch what comes. HARD: no number goes on.
 */
export const NEAR = '\ufdd0';
export const SOFT = '\ufdd1';
export const HARD = '\ufdd2';
export const MARKS = /[\ufdd0-\ufdd2]/;

/**
 * What people put between digits: spaces of all kinds, dots, slashes, hyphens, brackets, zero-width and direction marks, full-width
 * ones too. Unlimited, because source text is often indented between two digits. No apostrophes: they are for thousands.
 */
export const BETWEEN =
  '[\ufdd0\ufdd1\\s\xad\xb7\u2000-\u2015\u2022-\u206f\u2212\u30fb\u30fc\uff08\uff09\uff0d-\uff0f()[\\]./-]*';

/** Digits or a plus sign in full width. */
export const widen = (text: string): string =>
  text.replace(/./g, (sign) => String.fromCharCode(sign.charCodeAt(0) + 0xfee0));

const spread = (digits: string): string =>
  digits.replace(/./g, (digit) => `[${digit}${widen(digit)}]${BETWEEN}`);

/**
 * A pattern for known numbers, with or without country code or national prefix; the number is its first group. Before it stands
 * no digit, not even with a hyphen or point between, no letter and no sign of a price or an order number. Behind it the
 * same, but `x` and `ext` begin an extension, and two digits after a slash may begin the next number.
 */
export const patternOf = (numbers: string[]): RegExp =>
  RegExp(
    `((?:^|[^\\w０-９$€£¥₽№=#+＋.,\ufdd0-]|(?:^|\\D)[.,-])\ufdd0?)(${numbers
      .map((number) => {
        const [, cc = '', nsn = ''] = split(number);
        const national = `(?:${spread(TRUNKS[cc] ?? '0')})?`;
        return `(?:(?:(?:[+＋]|00|0?011)${BETWEEN})?${spread(cc)}${national}|${national})${spread(nsn)}`;
      })
      .join('|')})(?!\ufdd0?[-‐-―]?[\\d０-９]|[.,/]\\d\\d?(?![\\s.]?\\d)|\\s?[$€£¥₽%@]|(?!e?xt?)[a-z_])`,
    'gi',
  );

/** Before a number without a plus: another country's code, a currency or number sign, a card's groups of four. */
export const OTHER = RegExp(`([+＋]\\d{0,3}${BETWEEN}|[$€£¥₽№]\\s|\\d{4}\\s\\d{4}\\s)$`);
