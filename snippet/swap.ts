import { edit } from './edit.js';
import { split } from './number.js';
import { BETWEEN, HARD, MARKS, NEAR, OTHER, patternOf, SOFT } from './pattern.js';
import { rewrite } from './rewrite.js';
import { walk } from './walk.js';

// What is never touched, nor anything in it.
const OFF =
  'script,style,noscript,textarea,title,template,[data-dni=off],[contenteditable]:not([contenteditable=false]),[role=textbox]';

// Elements that do not part a number. Not sub and sup: a footnote's mark is no digit of it. Not a: its number begins in it.
const INLINE = /^(b|em|font|i|mark|small|span|strong|u)$/;

// What may be part of a number.
const LEGIBLE = RegExp(`[\\d０-９]|^${BETWEEN}$`);

/** What is read of a text node or link: `head` and `tail` are not, `page` is all of it as the page made it. */
interface Part {
  node: Text | Element;
  now: string;
  page: string;
  head: string;
  text: string;
  tail: string;
}

export interface Swapper {
  /** Swaps or restores whatever stands from the beginning of `first` to the end of `last`. */
  paint: (first: Node, last: Node) => void;
  /** Makes known by which number `target` is written: its own, or one that is shown in its place. */
  learn: (target: string, number: string) => void;
}

/** `shown`: the number to show for a target that was found. `enter` hears of each open shadow root. */
export function makeSwapper(shown: (target: string) => string, enter: (root: ShadowRoot) => void): Swapper {
  const targets = new Map<string, string>();
  let numbers: string[] = [];
  let pattern = /(?!)/g;
  /** Of what we changed: what the page made it say, and what we did. */
  const done = new WeakMap<Node, string[]>();

  const paint = (first: Node, last: Node): void => {
    const parts: Part[] = [];
    let whole = '';
    let mark = HARD;
    const add = (node: Text | Element, now: string, link?: boolean) => {
      const [own = '', ours] = done.get(node) ?? [];
      const page = ours === now ? own : now;
      // Of a link: up to the extension, pause or message.
      const [, head = '', text = page, tail = ''] =
        (link && /^(...:)([^a-z?;,&#]*)(.*)/is.exec(page.replace(/^[^?;,&]*/, unescape))) || [];
      parts.push({ node, now, page, head, text, tail });
      whole += mark + text;
    };
    walk(first, last, (node) => {
      if ('data' in node) {
        if (!LEGIBLE.test(node.data) && !done.has(node)) mark = HARD;
        else if (node.parentElement?.localName !== 'script') {
          if (mark === NEAR && node.previousSibling?.nodeType === 1) mark = SOFT;
          add(node, node.data);
          mark = NEAR;
        }
      } else {
        const href = node.getAttribute('href') ?? '';
        if (!INLINE.test(node.localName)) mark = HARD;
        else if (mark === NEAR) mark = SOFT;
        if (/^(tel|sms):/i.test(href)) add(node, href, true);
        if (node.shadowRoot && !node.closest(OFF)) enter(node.shadowRoot);
      }
    });

    let nth = 0;
    let read = 0;
    const texts = whole
      .replace(pattern, (match: string, before: string, written: string, at: number) => {
        const start = at + before.length;
        nth += whole.slice(read, start).split(MARKS).length - 1;
        read = start;
        const node = parts[nth - 1]?.node as Node;
        const digits = written.normalize('NFKC').replace(/\D/g, '');
        if (
          (node.nodeType === 1 ? (node as Element) : node.parentElement)?.closest(OFF) ||
          (/^\d/.test(written) && OTHER.test(whole.slice(Math.max(0, start - 20), start)))
        ) {
          return match;
        }
        const known = numbers.find((number) => digits.endsWith(split(number)[2] as string)) as string;
        const number = shown(targets.get(known) as string);
        return number === known ? match : before + rewrite(written, digits, known, number);
      })
      .split(MARKS);
    // A page that has such marks of its own is left alone.
    if (texts.length !== parts.length + 1) return;
    parts.forEach(({ node, now, page, head, text, tail }, i) => {
      const ours = texts[i + 1] as string;
      const wanted = ours === text ? page : head + ours + tail;
      if (wanted !== now) {
        done.set(node, [page, wanted]);
        if ('data' in node) edit(node, wanted);
        else node.setAttribute('href', wanted);
      }
    });
  };

  const learn = (target: string, number: string): void => {
    if (!targets.has(number)) {
      targets.set(number, target);
      // The longest first: one may begin like another.
      numbers = [...targets.keys()].sort((a, b) => b.length - a.length);
      pattern = patternOf(numbers);
    }
  };

  return { paint, learn };
}
