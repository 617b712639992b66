/** Codes that proxies send for what is no country: unknown, and Tor. */
const NONE = new Set(['XX', 'T1']);

/** The country that a proxy's header names, ISO 3166-1 alpha-2; null: none. */
export function countryNamed(header: string | string[] | undefined): string | null {
  const code = typeof header === 'string' ? header.trim().toUpperCase() : '';
  return /^[A-Z]{2}$/.test(code) && !NONE.has(code) ? code : null;
}
