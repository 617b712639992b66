import { getDomain, getPublicSuffix } from 'tldts';
import { KNOWN_APPS, KNOWN_SITES, type SiteKind } from './known-sites.js';
import type { Address } from './web-address.js';

export interface KnownSite {
  /** The name that reports use: `google`, `facebook` … */
  source: string;
  kind: SiteKind;
}

interface Entry extends KnownSite {
  /** Stands for the host alone, not for its subdomains. */
  exact: boolean;
}

const entries = (table: Partial<Record<SiteKind, Record<string, string>>>): Map<string, Entry> =>
  new Map(
    Object.entries(table).flatMap(([kind, sites]) =>
      Object.entries(sites).flatMap(([source, hosts]) =>
        hosts
          .split(' ')
          .map((host): [string, Entry] => [
            host.replace(/^=/, ''),
            { source, kind: kind as SiteKind, exact: host.startsWith('=') },
          ]),
      ),
    ),
  );

const HOSTS = entries(KNOWN_SITES);
const APPS = entries(KNOWN_APPS);

/** The known site that an address belongs to: the longest host that fits, compared part by part, never by substring. */
export function knownSite({ scheme, host, path }: Address): KnownSite | null {
  if (scheme === 'android-app') return APPS.get(host) ?? null;
  const section = path.split('/', 2)[1];
  for (const parent of parents(host)) {
    for (const name of [parent, withoutSuffix(parent)]) {
      const entry = (section && HOSTS.get(`${name}/${section}`)) || HOSTS.get(name);
      if (entry && (!entry.exact || parent === host)) return { source: entry.source, kind: entry.kind };
    }
  }
  return null;
}

/** `a.b.example.co.uk` → itself, `b.example.co.uk`, `example.co.uk`; stops at what somebody can register. */
function parents(host: string): string[] {
  const domain = getDomain(host);
  if (domain === null) return [host];
  const names = [host];
  for (let name = host; name !== domain; names.push(name)) name = name.slice(name.indexOf('.') + 1);
  return names;
}

/** `maps.google.co.uk` → `maps.google.*`, for `.com` and country suffixes; other suffixes are open to anybody. */
function withoutSuffix(host: string): string {
  const suffix = getPublicSuffix(host) ?? '';
  const isNational = /(^|\.)[a-z]{2}$/.test(suffix);
  return suffix === 'com' || isNational ? `${host.slice(0, -suffix.length)}*` : host;
}
