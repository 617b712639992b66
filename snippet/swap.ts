import { edit } from './edit.js';
import { split } from './number.js';
import { BETWEEN, HARD, MARKS, NEAR, OTHER, patternOf, SOFT } from './pattern.js';
import { rewrite } from './rewrite.js';
import { walk } from './walk.js';

// What is never touched, nor anything in it.
const OFF =
  'script,style,noscript,textarea,title,template,[data-dni=off],[contenteditable]:not([contenteditable=false]),[role=textbox]';

// Elements that part a number. Those named do not; sub and sup do: a footnote's mark is no digit of it.
const BLOCK = ':not(a,b,em,font,i,mark,small,span,strong,u)';

// What may be part of a number.
const LEGIBLE = RegExp(`[\\d０-９]|^${BETWEEN}$`);

/** A text node or link, what it says now, what the page made it say, and that in three: only `text` is read. */
type Part = [node: Text | Element, now: string, page: string, text: string, head?: string, tail?: string];

export interface Swapper {
  /** Swaps or restores whatever stands from the beginning of `first` to the end of `last`. */
  paint: (first: Node, last: Node) => void;
  /** Makes known by which number `target` is written: its own, or one that is shown in its place. */
  learn: (target: string, number: string) => void;
}

const lineOf = (text: Text) => text.parentElement?.closest(BLOCK);

/** `shown`: the number to show for a target that was found. */
export function makeSwapper(shown: (target: string) => string): Swapper {
  const targets = new Map<string, string>();
  let numbers: string[] = [];
  let pattern = /(?!)/g;
  /** Of what we changed: what the page made it say, and what we did. */
  const done = new WeakMap<Node, string[]>();

  const paint = (first: Node, last: Node): void => {
    const parts: Part[] = [];
    const read: string[] = [];
    const original = (node: Node, now: string): string => {
      const [page = '', ours] = done.get(node) ?? [];
      return ours === now ? page : now;
    };

    let before: Text | undefined;
    walk(first, last, (text) => {
      const { data } = text;
      if (!LEGIBLE.test(data) && !done.has(text)) before = undefined;
      else if ((before || /\S/.test(data)) && text.parentElement?.localName !== 'script') {
        const near = text.previousSibling;
        const apart =
          !before ||
          // Cheaper to tell than where the line ends.
          /[a-z]$/i.test(before.data) ||
          /^[a-z]/i.test(data) ||
          lineOf(before) !== lineOf(text) ||
          (near?.nodeType === 1 && (near as Element).matches(BLOCK));
        const page = original(text, data);
        parts.push([text, data, page, page]);
        read.push(apart ? HARD : near === before || near?.nodeType === 8 ? NEAR : SOFT, page);
        before = text;
      }
    });
    for (const link of (first.parentNode ?? document).querySelectorAll('[href^="tel:" i],[href^="sms:" i]')) {
      const now = link.getAttribute('href') as string;
      const page = original(link, now);
      // Up to the extension, pause or message.
      const [, head, text = '', tail] =
        /^(...:)([^a-z?;,&#]*)(.*)/is.exec(page.replace(/^[^?;,&]*/, unescape)) ?? [];
      parts.push([link, now, page, text, head, tail]);
      read.push(HARD, text);
    }
    const whole = read.join('');

    let nth = 0;
    let from = 0;
    const texts = whole
      .replace(pattern, (match: string, before: string, written: string, at: number) => {
        const start = at + before.length;
        nth += whole.slice(from, start).split(MARKS).length - 1;
        from = start;
        const [node] = parts[nth - 1] as Part;
        const digits = written.normalize('NFKC').replace(/\D/g, '');
        if (
          ('data' in node ? node.parentElement : node)?.closest(OFF) ||
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
    parts.forEach(([node, now, page, text, head = '', tail = ''], i) => {
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
