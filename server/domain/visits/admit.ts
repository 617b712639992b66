import { BlockList, isIP } from 'node:net';
import { Problem } from '../../lib/errors.js';
import type { Limiter } from '../../stores/limiter.js';
import type { Site } from '../../stores/settings.js';

/** The origin of an allowed pattern's page: `https://*.shop.example` covers every subdomain, not the domain itself. */
function allows(pattern: string, origin: string): boolean {
  const star = pattern.indexOf('*.');
  if (star === -1) return origin === pattern;
  const before = pattern.slice(0, star);
  const after = pattern.slice(star + 1);
  const host = origin.slice(before.length, origin.length - after.length);
  return origin.startsWith(before) && origin.endsWith(after) && /^[a-z0-9.-]+$/.test(host);
}

/** Whether a page of this origin may use the site's key. No origins listed: any may. */
export function isOriginAllowed(site: Site, origin: string | undefined): boolean {
  if (site.allowed_origins.length === 0) return true;
  if (origin === undefined || origin === 'null') return false;
  return site.allowed_origins.some((pattern) => allows(pattern.toLowerCase(), origin.toLowerCase()));
}

const kind = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** Whether the address is one of those, or in one of those networks (`192.0.2.7`, `192.0.2.0/24`, IPv6 alike). */
export function isAddressExcluded(excluded: string[], address: string): boolean {
  if (excluded.length === 0 || isIP(address) === 0) return false;
  return blockListOf(excluded).check(address, kind(address));
}

/** A site's list stays the same object until its settings are read anew, so it is made once and not for every visit. */
const blockLists = new WeakMap<string[], BlockList>();

function blockListOf(excluded: string[]): BlockList {
  const made = blockLists.get(excluded);
  if (made) return made;
  const list = new BlockList();
  for (const entry of excluded) {
    const [base = '', bits] = entry.split('/');
    if (bits === undefined) list.addAddress(base, kind(base));
    else list.addSubnet(base, Number(bits), kind(base));
  }
  blockLists.set(excluded, list);
  return list;
}

/** Whether the page's host is excluded: the host itself or, as `*.host`, those below it. */
export function isHostExcluded(excluded: string[], host: string): boolean {
  const name = host.toLowerCase();
  return excluded.some((entry) => {
    const pattern = entry.toLowerCase();
    return pattern.startsWith('*.') ? name.endsWith(pattern.slice(1)) : name === pattern;
  });
}

/** Counts a request to a site; throws `rate_limited` for one too many, so that no site takes the whole service. */
export async function limitBySite(requests: Limiter, siteId: string): Promise<void> {
  const wait = await requests.take(siteId);
  if (wait > 0) throw new Problem('rate_limited', 'Too many requests for this site.', undefined, wait);
}
