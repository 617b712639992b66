import { cleanText } from '../../lib/text.js';

/** Where a page or an app is, as far as sources are told apart by it. */
export interface Address {
  scheme: 'http' | 'https' | 'android-app';
  /** Lower case, without `www.`, port and trailing dot. For an app: its package. */
  host: string;
  path: string;
}

/** Longest URL that is looked at, in UTF-16 units; what lies behind is dropped. */
const MAX_READ = 16_384;
/** RFC 1035; a package name is never longer either. */
const MAX_HOST = 253;

/** Reads an absolute URL that a visitor can come from or arrive at; anything else is null. */
export function readUrl(text: string | null | undefined): URL | null {
  if (!text) return null;
  try {
    const url = new URL(cleanText(text.slice(0, MAX_READ), MAX_READ));
    return /^(https?|android-app):$/.test(url.protocol) && url.hostname !== '' ? url : null;
  } catch {
    return null;
  }
}

export function addressOf(url: URL): Address {
  return {
    scheme: url.protocol.slice(0, -1) as Address['scheme'],
    host: bareHost(url.hostname),
    path: url.pathname,
  };
}

/** The path of a URL that was read before, from its slash. */
export const pathOf = (url: string): string => (URL.canParse(url) ? new URL(url).pathname : '/');

/** A host in the form in which hosts are compared. */
export function bareHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/^www\.(?=.+\.)/, '')
    .slice(0, MAX_HOST);
}

/**
 * The URL as it is stored: no user and password, no parameters that `isPrivate` names, at most `maxLength` characters,
 * not cut inside a percent escape. The other parameters stay byte for byte.
 */
export function storedUrl(url: URL, isPrivate: (name: string) => boolean, maxLength: number): string {
  const pairs = url.search.slice(1).split('&');
  const query = pairs.filter((pair) => !isPrivate(nameOf(pair))).join('&');
  const stored = `${url.protocol}//${url.host}${url.pathname}${query && `?${query}`}${url.hash}`;
  return stored.length > maxLength ? stored.slice(0, maxLength).replace(/%[0-9a-f]?$/i, '') : stored;
}

function nameOf(pair: string): string {
  const [raw = ''] = pair.split('=', 1);
  if (!/[%+]/.test(raw)) return raw;
  const [name = ''] = new URLSearchParams(raw).keys();
  return name;
}
