import { dialled } from '../../lib/dialling.js';

/** Country codes of numbers, each with what is written before the digits within the country. */
function countriesOf(numbers: string[]): Map<string, string> {
  const countries = new Map<string, string>();
  for (const one of numbers) {
    const number = dialled(one);
    if (number) countries.set(number.countryCode, number.nationalPrefix);
  }
  return countries;
}

/** The digits after `+` that digits on a page may stand for: `44 …`, `0044 …`, `011 44 …`, `020 …`, `44 (0)20 …`. */
function readings(digits: string, countries: Map<string, string>): string[] {
  const within = [...countries].flatMap(([code, prefix]) =>
    ['', prefix, code + prefix]
      .filter((start) => digits.startsWith(start))
      .map((start) => code + digits.slice(start.length)),
  );
  return [digits, digits.replace(/^(00|011)/, ''), ...within];
}

/**
 * The tracking numbers that texts of a page stand for, in any way that people of the targets' countries write them. A text
 * may be read in several ways, since only numbers of the site's own count.
 */
export function printedNumbers(
  texts: string[],
  targets: string[],
  isTrackingNumber: (number: string) => boolean,
): string[] {
  const countries = countriesOf(targets);
  const numbers = texts.flatMap((text) =>
    readings(text.normalize('NFKC').replace(/\D/g, ''), countries).map((digits) => `+${digits}`),
  );
  return [...new Set(numbers)].filter(isTrackingNumber);
}
