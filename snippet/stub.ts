import type { State } from './api.js';

/** The site's key. */
declare const SITE: string;

type Changed = (Text | Attr) & { dni?: object };
type Added = Element & { data?: string; href?: string; attributes: { href: Attr } };

/**
 * What an owner may paste into the head, in a script of its own before everything else, who wants no flicker at all: the numbers that the page
 * before kept are shown before the first paint. It leaves a page alone that a framework is going to hydrate, notes what it changes as the script
 * itself does, and makes room for it. Numbers that have more or fewer digits, or are split over nodes, are the script's.
 */
try {
  const { end, pattern, targets, swaps } = JSON.parse(localStorage[`dni.${SITE}`]) as Required<State>;
  const swap = (node: Changed) => {
    const page = node.nodeValue as string;
    const text = page.replace(RegExp(pattern, 'gi'), (written, ...groups) => {
      const own = groups.find((group) => group);
      const target = targets[groups.indexOf(own)] as string;
      const number = swaps.find((swap) => swap.target == target)?.number;
      let size = own.match(/\d/g)?.length;
      return number?.length == target.length
        ? written.replace(
            own,
            own.replace(/\d/g, () => number.at(-size--)),
          )
        : written;
    });
    if (text != page) {
      node.nodeValue = text;
      node.dni = { [text]: page };
    }
  };
  if (Date.now() < end)
    new MutationObserver((records) => {
      if (!window.dni && !document.querySelector('[type=module],#root,[id^=__],#app'))
        for (const { target, addedNodes } of records)
          for (const node of [target, ...addedNodes] as unknown as Added[])
            node.data
              ? node.parentElement?.closest('script,[data-dni=off]') || swap(node as unknown as Text)
              : /^tel:/.test(node.href as string) && swap(node.attributes.href);
    }).observe(document, { childList: true, subtree: true, characterData: true });
} catch {}
