import { type CountryCode, Metadata, PhoneNumber } from 'libphonenumber-js/max';
import { createMemo } from './memo.js';

/** An E.164 number apart, as people dial and write it. */
export interface Dialled {
  countryCode: string;
  /** What is written before it within its country; empty: nothing. */
  nationalPrefix: string;
  /** What follows the country code. */
  nationalNumber: string;
}

/** Of the country that the library takes for the main one of those that share a country code; they have one prefix. */
function prefixOf(countryCode: string): string {
  const metadata = new Metadata();
  // It takes country codes too, and knows the prefix; its types do not say so.
  metadata.selectNumberingPlan(countryCode as CountryCode);
  const plan = metadata.numberingPlan as unknown as { nationalPrefix(): string | null };
  return plan.nationalPrefix() || '';
}

function find(e164: string): Dialled | null {
  let number: PhoneNumber;
  try {
    number = new PhoneNumber(e164);
  } catch {
    return null;
  }
  const { countryCallingCode: countryCode, nationalNumber } = number;
  const written = number.formatNational().replace(/\D/g, '');
  // What is written is more than what is dialled in Belarus: 8, a pause, 0. In America it may be left out, and is.
  const shown = written.endsWith(nationalNumber) ? written.slice(0, -nationalNumber.length) : '';
  return { countryCode, nationalPrefix: shown || prefixOf(countryCode), nationalNumber };
}

/** Finding out costs as much as all the rest of a request. */
const known = createMemo<Dialled | null>(20_000);

/** How a number is dialled; null: its country code is not known. */
export const dialled = (e164: string): Dialled | null => known(e164, () => find(e164));
