import { getDomain } from 'tldts';

/** `https://*.shop.example:8443` → `*.shop.example` */
const hostOf = (origin: string): string => origin.replace(/^https?:\/\/|:\d+$/g, '');

/** Browsers take no cookies for public suffixes, the private ones (github.io) included. */
const domainOf = (host: string): string | null =>
  getDomain(host.replace(/^\*\./, ''), { allowPrivateDomains: true });

/**
 * The domain on which the pages of a site may keep one cookie together: the registered one that all allowed origins are
 * under, if they are several hosts or a wildcard. null: there is none. Hosts without a domain (localhost) do not count.
 */
export function sharedDomain(allowedOrigins: string[]): string | null {
  const hosts = [...new Set(allowedOrigins.map(hostOf))].filter((host) => domainOf(host) !== null);
  const [domain, ...others] = new Set(hosts.map(domainOf));
  if (!domain || others.length > 0) return null;
  return hosts.length > 1 || hosts.some((host) => host.startsWith('*.')) ? domain : null;
}
