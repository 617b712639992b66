import { BlockList, isIP } from 'node:net';

/** An IPv6 address as its eight groups, without zeros in front. */
function groups(address: string): string[] {
  // The last 32 bits may be written as IPv4.
  const hex = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
    [a * 256 + +b, c * 256 + +d].map((group) => group.toString(16)).join(':'),
  );
  const [front = [], back = []] = hex.split('::').map((part) => part.split(':').filter(Boolean));
  const gap = Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0');
  return [...front, ...gap, ...back].map((group) => Number.parseInt(group, 16).toString(16));
}

/**
 * A client's address as proxies write it, in one form: without port, brackets or zone, and IPv4 inside IPv6 as IPv4.
 * What is no address comes back as it is.
 */
export function plainAddress(text: string): string {
  if (isIP(text) === 4) return text;
  const bare = /^\[([^\]]+)\](:\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  const address = bare.replace(/%.*$/, '').toLowerCase();
  if (isIP(address) === 0) return text;
  if (isIP(address) === 4) return address;
  const all = groups(address);
  if (all.slice(0, 6).join(':') !== '0:0:0:0:0:ffff') return address;
  const [high = 0, low = 0] = all.slice(6).map((group) => Number.parseInt(group, 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/**
 * What is limited together: an IPv4 address, or the /64 that one IPv6 client has to itself (RFC 6177), and can take
 * any address out of. Everything that is no address is one.
 */
export function networkOf(text: string): string {
  const address = plainAddress(text);
  const version = isIP(address);
  if (version === 0) return 'unknown';
  return version === 4 ? address : groups(address).slice(0, 4).join(':');
}

const OWN_NETWORKS = new BlockList();
for (const [base, bits] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
] as const) {
  OWN_NETWORKS.addSubnet(base, bits, 'ipv4');
}
OWN_NETWORKS.addAddress('::1', 'ipv6');
OWN_NETWORKS.addSubnet('fc00::', 7, 'ipv6');
OWN_NETWORKS.addSubnet('fe80::', 10, 'ipv6');

/** Whether an address is of a machine or network of one's own, where no visitor asks from but a proxy may. */
export function isPrivate(text: string): boolean {
  const address = plainAddress(text);
  const version = isIP(address);
  return version !== 0 && OWN_NETWORKS.check(address, version === 4 ? 'ipv4' : 'ipv6');
}
