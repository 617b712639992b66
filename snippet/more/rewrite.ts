/** Those of `%20` are none. */
const DIGIT = /(?<!%.?)[\d０-９]/g;
const countDigits = (text: string): number => text.match(DIGIT)?.length ?? 0;

/** Digits in full width. */
const widen = (digits: string): string =>
  digits.replace(/\d/g, (digit) => String.fromCharCode(+digit + 65_296));

/** The digits of a text replaced by those of `put`: filled from the right, the surplus goes to the front. What stands between them stays. */
function fill(text: string, put: string): string {
  const size = countDigits(text);
  const padded = put.padStart(size);
  const surplus = padded.length - size;
  let nth = 0;
  return text.replace(DIGIT, (digit) => {
    const share = padded.slice(nth && nth + surplus, ++nth + surplus).trim();
    return digit > '~' ? widen(share) : share;
  });
}

/**
 * A number as the page writes it, with the digits of another, where it has other digits than Western ones, or the other has more, fewer, or those of
 * another country. `own` are the digits inside the country, at the end of what is written; a country code or national prefix in front stays.
 */
export function rewrite(written: string, own: string, target: string, number: string): string {
  const size = countDigits(own);
  const code = target.slice(0, -size);
  const prefix = written.slice(0, -own.length);
  const put = number.slice(code.length);
  // National digits that would not reach it, or need a prefix where the page's number has none: all of it.
  return number.startsWith(code) && (countDigits(prefix) || put.length === size)
    ? prefix + fill(own, put)
    : fill(written, /[+＋]/.test(written) ? number.slice(1) : number);
}
