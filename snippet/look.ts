import { dni, found, get } from './dni.js';
import { find, view } from './life.js';
import { extra, more } from './load-more.js';
import { hasTurned } from './page.js';

/** Those of `%20` are none. */
const DIGIT = /(?<!%.?)\d/g;

// What is never touched, nor anything in it.
const OFF =
  'script,textarea,[data-dni=off],title,.ace_editor,.monaco-editor,[contenteditable],style,noscript,.CodeMirror';

// Elements that part a number. Those named do not; sub and sup do: a footnote's mark is no digit of it.
const BLOCK = ':not(strong,small,mark,font,i,span,u,b,em,a)';

/** The document, shadow roots, and documents of frames. */
export const roots = new Set<Document | ShadowRoot>([document]);

/** Of texts that we wrote: what the page made them say, by what they say now. A page may copy what we changed. */
const seen = Object.create(null) as Record<string, string>;
/** What we changed: what the page made it say, by what it says now. */
export type Changed = Node & { dni?: Record<string, string> };
export type Links = NamedNodeMap & { href: Attr & Changed };

export const original = (node: Changed): string => {
  const now = node.nodeValue as string;
  return node.dni?.[now] ?? seen[now] ?? now;
};

export const write = (node: Changed, wanted: string): void => {
  const now = node.nodeValue as string;
  if (now != wanted) {
    const page = original(node);
    node.dni = { [wanted]: page };
    if (wanted[9]) seen[wanted] = page;
    // Only there a selection of the visitor's is, which this would move.
    extra?.put(node, wanted) ?? (node.nodeValue = wanted);
  }
};

let spent = 0;
let due: unknown;
let isSettled: boolean | undefined;

/** Numbers in a text swapped. What stands between digits stays, and so does the country code or national prefix: that is the page's format. */
export const swapText = (text: string): string =>
  text.replace(RegExp(dni.pattern, 'gi'), (written: string, ...groups: string[]) => {
    const own = groups.find((group) => group) as string;
    const target = (dni.targets as string[])[groups.indexOf(own)] as string;
    const swap = get(target);
    let size = own.match(DIGIT)?.length as number;
    find(target);
    if (!swap) return written;
    swap.places++;
    return size && target.slice(0, -size) == swap.number.slice(0, -size)
      ? written.replace(
          own,
          own.replace(DIGIT, () => swap.number.at(-size--) as string),
        )
      : extra
        ? extra.rewrite(written, own, target, swap.number)
        : (more(), written);
  });

/** Enters shadow roots that came meanwhile, of which nothing else tells. */
export const renew = (): void => {
  spent = 0;
  for (const root of roots)
    for (const node of root.querySelectorAll('*')) if (node.shadowRoot) roots.add(node.shadowRoot);
};

export const look = (_?: void): void => {
  const canWrite = isSettled || !document.querySelector('[src*=_next],[type=module],#app,[id^=__],#root');
  dni.swaps.map((swap) => (swap.places = 0));
  // The new page is not there yet, nor is its title.
  if (hasTurned())
    setTimeout(() => {
      found.length = 0;
      view();
    }, 300);
  for (const root of roots) {
    observer.observe(root, {
      attributeFilter: ['href'],
      characterData: true,
      subtree: true,
      childList: true,
    });
    for (const link of root.querySelectorAll('[href^=tel i],[href^=sms i]')) {
      const href = (link.attributes as Links).href;
      if (!link.closest(OFF)) write(href, swapText(original(href)));
    }
    const walker = document.createTreeWalker(root, 4);
    let run: Text[] = [];
    let said = '';
    let node: (Text & Changed) | null;
    do {
      node = walker.nextNode() as Text;
      if (node && (node.dni ?? (said ? /^\P{L}*$|\p{N}/u : /\p{N}/u).test(node.data))) {
        run.push(node);
        said += original(node);
      } else if (said) {
        if (RegExp(dni.hint as string).test(said)) {
          let whole = '';
          let line: unknown;
          run = run.filter((text) => {
            const parent = text.parentElement;
            // An empty one, as frameworks leave them, parts nothing.
            return (
              original(text) &&
              (parent?.closest(OFF)
                ? (line = 0)
                : (whole += (line == (line = parent?.closest(BLOCK)) ? '' : '\0') + '\0' + original(text)))
            );
          });
          const parts = swapText(whole).split(/\0+/);
          if (parts.length == run.length + 1 && canWrite)
            run.map((text, i) => write(text, parts[i + 1] as string));
        }
        run = [];
        said = '';
      }
    } while (node);
  }
  observer.takeRecords();
  isSettled = document.readyState < 'd';
};

/**
 * At once, so that no frame shows what the page just put in. Past a hundred times a second, of a page that never rests or undoes what we do, with
 * the next frame. Counted and not timed: on a busy machine a look takes longer for nothing that the page did.
 */
const observer = new MutationObserver(() => {
  99 > spent++ ? look() : (due ||= requestAnimationFrame(() => (due = look())));
});
