import { split, TRUNKS } from './number.js';
import { widen } from './pattern.js';

/**
 * A number as the page writes it, with the digits of another. `digits` are those of `written`, `known` is the number it was found to
 * be. What stands between them stays, and so does the country code or national prefix: that is the page's format. Where
 * digit counts differ it fills from the right; the surplus goes to the front.
 */
export function rewrite(written: string, digits: string, known: string, number: string): string {
  const [, code, own = ''] = split(known);
  const [, cc = '', nsn = ''] = split(number);
  const plus = /^[+＋]/.test(written);
  let nth = own.length - digits.length;
  let put = nsn;
  // National digits that would not reach it, or need a prefix where the page's number has none: all of it.
  if (cc !== code || (!nth && TRUNKS[cc] !== '' && nsn.length !== own.length)) {
    nth = 0;
    put = (plus ? '' : '+') + cc + nsn;
  }
  put = put.padStart(digits.length + nth);
  const surplus = put.length - digits.length - nth;
  return written.replace(/[\d０-９]/g, (digit) => {
    if (nth++ < 0) return digit;
    const share = put.slice(nth > 1 ? nth - 1 + surplus : 0, nth + surplus).trim();
    return digit > '~' ? widen(share) : share;
  });
}
