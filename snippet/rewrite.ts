import { split, TRUNKS } from './number.js';
import { BETWEEN } from './pattern.js';

// Before a number without a plus: another country's code, a currency or number sign, a card's groups of four.
const OTHER = RegExp(`(\\+\\d{0,3}${BETWEEN}|[$€£¥₽№]\\s|\\d{4}\\s\\d{4}\\s)$`);

/**
 * Finds known numbers in a text and says what to write in place of their digits. `shown(digits, at)` gives the known number with these
 * digits and the number to show, or nothing. What stands between the digits stays, and so does the country code or national
 * prefix: that is the page's format. Where digit counts differ it fills from the right; the surplus goes to the front.
 */
export function rewrite(
  text: string,
  pattern: RegExp,
  shown: (digits: string, at: number) => string[] | undefined,
  write: (at: number, signs: string) => void,
): void {
  for (const { 0: match, 1: written = '', index } of text.matchAll(pattern)) {
    const start = index + match.length - written.length;
    const digits = written.replace(/\D/g, '');
    const plus = written[0] === '+';
    const pair =
      plus || !OTHER.test(text.slice(Math.max(0, start - 20), start)) ? shown(digits, start) : undefined;
    if (pair) {
      const [[code, own = ''], [cc = '', nsn = '']] = pair.map(split) as [string[], string[]];
      let nth = own.length - digits.length;
      let put = nsn;
      // National digits that would not reach it, or need a prefix where the page's number has none: all of it.
      if (cc !== code || (!nth && TRUNKS[cc] !== '' && nsn.length !== own.length)) {
        nth = 0;
        put = (plus ? '' : '+') + cc + nsn;
      }
      put = put.padStart(digits.length + nth);
      const surplus = put.length - digits.length - nth;
      written.replace(/\d/g, (_, at) => {
        if (nth >= 0) write(start + at, put.slice(nth && nth + surplus, nth + surplus + 1).trim());
        nth++;
        return '';
      });
    }
  }
}
