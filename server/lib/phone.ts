import {
  type CountryCode,
  getCountryCallingCode,
  isSupportedCountry,
  PhoneNumber,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';

const E164 = /^\+[1-9]\d{6,14}$/;

/** Marks that copied text carries along and nobody sees: direction marks, zero-width characters. */
const INVISIBLE = /[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g;
const SEPARATORS = /[\s().\-/\u2010-\u2015\u2212]+/g;

/**
 * Reads E.164 (ITU-T E.164: `+`, country code, at most 15 digits). A leading blank stands for a `+` that a form did
 * not escape; bare digits are taken to begin with the country code. Separators are read after a `+` (or its blank)
 * only: `(202) 555-0133` is a national number and would silently become one of another country. A trunk zero in
 * brackets, as in `+44 (0)20 …`, is refused for the same reason.
 */
export function parseE164(input: unknown): string | null {
  if (typeof input !== 'string' || input.length > 64) return null;
  const text = input.replace(INVISIBLE, '');
  const digits = text.trim().replace(/^\+/, '');
  const international = text.trimStart().startsWith('+') || text.startsWith(' ');
  if (/\(\s*0\s*\)/.test(digits)) return null;
  const number = `+${international ? digits.replace(SEPARATORS, '') : digits}`;
  return E164.test(number) ? number : null;
}

/** Reads a number as people of a region write or dial it, with or without an extension or pauses; null if it is none. */
export function readPhone(text: string, region: string): string | null {
  const [dialled = ''] = text
    .replaceAll('%20', ' ')
    .replaceAll('%2B', '+')
    .split(/[;,?&#pwx]/i);
  const country = isSupportedCountry(region) ? region : undefined;
  return parsePhoneNumberFromString(dialled, country)?.number ?? parseE164(dialled);
}

/**
 * Numbers that carriers and Twilio send for a withheld caller: a word spelled on the keypad
 * (ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN, UNAVAILABLE, PRIVATE). None of them can be a subscriber's number.
 */
const SPELLED_WORDS = new Set([
  '+266696687',
  '+7378742833',
  '+2562533',
  '+8656696',
  '+86282452253',
  '+7748283',
]);

/**
 * The caller's number, or null when it is withheld or not a number. Reads `sip:` and `tel:` URIs, with or without a
 * display name (RFC 3261 name-addr), and takes their user part. Every word (anonymous, restricted, unknown, private,
 * unavailable, blocked …) is null by not being a number.
 */
export function parseCaller(input: unknown): string | null {
  if (typeof input !== 'string' || input.length > 512) return null;
  const uri = /(?:sips?|tel):([^@;>?]*)/i.exec(input);
  const number = parseE164(uri ? uri[1]!.replace(/%2b/i, '+') : input);
  return number === null || SPELLED_WORDS.has(number) ? null : number;
}

// A percent escape is not part of the number: `%20` is a blank.
const ESCAPE_OR_DIGIT = /%[0-9a-f]{2}|\d/gi;

/** All digits but the last four replaced by `*`; everything else stays, so that the format is still seen. */
export function maskPhone(text: string): string {
  const digits = text.match(ESCAPE_OR_DIGIT)?.filter((match) => match.length === 1) ?? [];
  let left = digits.length - 4;
  return text.replace(ESCAPE_OR_DIGIT, (match) => (match.length === 1 && left-- > 0 ? '*' : match));
}

// Ids are no phone numbers and are needed to find one's way in a log: UUIDs, and 32 hex digits as in CallSid.
const ID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\\b(?:[a-z]{2})?[0-9a-f]{32}\\b';
// At most three separators between two digits, written plainly or percent-encoded as in a logged URL.
const SEPARATOR = '(?:%(?:20|28|29|2[b-f])|[\\s().\\-+/\\u00a0\\u2010-\\u2015])';
const ID_OR_PHONE = new RegExp(`(${ID})|\\d(?:${SEPARATOR}{0,3}\\d){6,}`, 'gi');

/** A text for logs: in every run of seven or more digits all but the last four are masked, ids excepted. */
export function maskPhones(text: string): string {
  return text.replace(ID_OR_PHONE, (run: string, id: string | undefined) => id ?? maskPhone(run));
}

/** The country of a number, ISO 3166-1 alpha-2; null: of none that is known, or of several (satellite phones, say). */
export function countryOf(e164: string): string | null {
  try {
    return parsePhoneNumberFromString(e164)?.country ?? null;
  } catch {
    return null;
  }
}

/**
 * The number as people of `region` (ISO 3166-1 alpha-2) write it: nationally if it is of the region's country code,
 * else internationally. What is not a phone number comes back as it is.
 */
export function displayNumber(e164: string, region: string): string {
  try {
    // Not parsed, which would look for its country too: ten times the work, and its calling code says how it is written.
    const number = new PhoneNumber(e164);
    const own = isSupportedCountry(region) ? getCountryCallingCode(region as CountryCode) : null;
    return own === number.countryCallingCode ? number.formatNational() : number.formatInternational();
  } catch {
    return e164;
  }
}
