import type { Core } from './core.js';

/** Like a phone number, however it is written. */
const PHONE = /[+＋(]?[\d０-９][\d０-９\s()./\u00a0\u2000-\u2015-]{5,20}[\d０-９]/g;

/**
 * What the page shows by itself that may be phone numbers: no targets, and nothing that we put there. The service tells whether one is a
 * tracking number, copied into the page's source or kept by a cache.
 */
export function printed({ dni, roots, original }: Core): string[] {
  const numbers = new Set<string>();
  const known = [...(dni.targets ?? []), ...dni.swaps.map(({ number }) => number)].map((number) =>
    number.slice(-7),
  );
  for (const root of roots) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (!/\d/.test(node.nodeValue ?? '') || node.parentElement?.closest('script,style,noscript,textarea'))
        continue;
      for (const [found] of original(node).matchAll(PHONE)) numbers.add(found.trim());
    }
    for (const link of root.querySelectorAll('[href^="tel:" i]')) {
      const href = link.getAttributeNode('href');
      if (href) numbers.add(original(href).slice(4).split(/[;,?]/)[0] ?? '');
    }
  }
  return [...numbers]
    .filter((number) => {
      const digits = number.normalize('NFKC').replace(/\D/g, '');
      return digits.length > 6 && digits.length < 16 && !known.some((end) => digits.endsWith(end));
    })
    .map((number) => number.slice(0, 64))
    .slice(0, 100);
}
