import { dni, found, get } from './dni.js';
import { find, view } from './life.js';
import { extra, more } from './load-more.js';
import { hasTurned } from './page.js';

/** Those of `%20` are none. */
const DIGIT = /(?<!%.?)\d/g;

// What is never touched, nor anything in it.
const OFF =
  'script,title,noscript,textarea,style,.CodeMirror,[contenteditable],[data-dni=off],.ace_editor,.monaco-editor';

// Elements that part a number. Those named do not; sub and sup do: a footnote's mark is no digit of it.
const BLOCK = ':not(strong,em,span,a,i,b)';

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
  if (wanted != now) {
    const page = original(node);
    node.dni = { [wanted]: page };
    if (wanted[9]) seen[wanted] = page;
    if ((node as Text).data?.length == wanted.length) {
      // The new before the old is deleted: so the ends of the visitor's selection stay where they are, which replacing would move.
      for (let i = wanted.length; i--; ) {
        if (now[i] != wanted[i]) {
          (node as Text).insertData(i, wanted[i] as string);
          (node as Text).deleteData(i + 1, 1);
        }
      }
    } else node.nodeValue = wanted;
  }
};

/** The last that said something of paper. */
let cause: Event | undefined | void;
let spent = 0;
let isSettled: boolean | undefined;

/** Numbers in a text swapped. What stands between digits stays, and so does the country code or national prefix: that is the page's format. */
export const swapText = (text: string): string =>
  text.replace(RegExp(dni.pattern, 'giu'), (written: string, ...groups: string[]) => {
    const own = groups.find((group) => group) as string;
    const target = (dni.targets as string[])[groups.indexOf(own)] as string;
    const swap = get(target);
    let size = own.match(DIGIT)?.length as number;
    find(target);
    // On paper a number would outlive its lease.
    if (!swap || (cause as Event)?.type > 'b') return written;
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

export const look = (event?: Event | void): void => {
  const texts: Text[] = [];
  let whole = '';
  /** That of the text before, if a number may go on from it. */
  let line: Element | null | undefined | 0;
  if (event) cause = event;
  dni.swaps.map((swap) => (swap.places = 0));
  // The new page is not there yet, nor is its title.
  if (hasTurned())
    setTimeout(() => {
      found.length = 0;
      view();
    }, 300);
  for (const root of roots) {
    observer.observe(root, {
      childList: true,
      subtree: true,
      characterData: true,
      attributeFilter: ['href'],
    });
    for (const link of root.querySelectorAll('[href^=tel i],[href^=sms i]')) {
      const href = (link.attributes as Links).href;
      if (!link.closest(OFF)) write(href, swapText(original(href)));
    }
    const walker = document.createTreeWalker(root, 4);
    let node: Text & Changed;
    while ((node = walker.nextNode() as Text)) {
      const parent = node.parentElement;
      if ((!node.dni && !/\d|^\W+$/.test(line ? node.data : node.data.trim())) || parent?.closest(OFF))
        line = 0;
      else {
        whole += (line == (line = parent?.closest(BLOCK)) ? '' : '\0') + '\0' + original(node);
        texts.push(node);
      }
    }
  }
  const parts = swapText(whole).split(/\0+/);
  if (
    parts.length == texts.length + 1 &&
    (isSettled || !document.querySelector('[type=module],#root,[id^=__],[src*=_next],#app'))
  )
    texts.map((text, i) => write(text, parts[i + 1] as string));
  observer.takeRecords();
  isSettled = document.readyState < 'd';
};

const observer = new MutationObserver(() => {
  const start = performance.now();
  if (spent < 333) look();
  spent += performance.now() - start + 1;
});
