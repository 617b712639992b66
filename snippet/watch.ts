import { quiet } from './quiet.js';

/**
 * Calls `changed(first, last)` for whatever comes or changes on the page: nodes, texts, hrefs. It hears of our own writes too, and finds
 * them done at the price of a look; `takeRecords()` would lose the page's with them. Should the page, or a second script
 * like this one, undo each write, it gives up for a second, then calls `all`.
 */
export function watch(changed: (first: Node, last: Node) => void, all: () => void): void {
  let rounds = 0;
  const observer = new MutationObserver(
    quiet((records: MutationRecord[]) => {
      if (!rounds++) {
        setTimeout(() => {
          if (rounds > 500) all();
          rounds = 0;
        }, 1e3);
      }
      if (rounds > 500) return;
      let first: Node | undefined;
      let last: Node | undefined;
      // Rows that were added one by one are one stretch of the page.
      const add = (node?: Node) => {
        if (first && last && node?.previousSibling !== last) {
          changed(first, last);
          first = undefined;
        }
        first ??= node;
        last = node;
      };
      for (const { type, target, addedNodes } of records) {
        for (const node of type === 'childList' ? addedNodes : [target]) {
          if (node.nodeType !== 8) add(node);
        }
      }
      add();
    }),
  );
  observer.observe(document, {
    childList: true,
    characterData: true,
    subtree: true,
    attributeFilter: ['href'],
  });
}
