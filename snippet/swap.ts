import { split } from './number.js';
import { BETWEEN, patternOf } from './pattern.js';
import { rewrite } from './rewrite.js';
import { walk } from './walk.js';

// What is never touched, nor anything in it.
const OFF =
  'script,style,noscript,textarea,title,template,[data-dni=off],[contenteditable]:not([contenteditable=false]),[role=textbox]';

// Elements that do not part a number. Not sub and sup: a footnote's mark is no digit of it. Not a: its number begins in it.
const INLINE = /^(b|em|font|i|mark|small|span|strong|u)$/;

// What may be part of a number.
const LEGIBLE = RegExp(`[\\d\\uff10-\\uff19]|^${BETWEEN}$`);

/** No number goes on here. */
const STOP = '\0';

/** A text node or link, and where it begins in the text that is searched. */
interface Span {
  node: Text | Element;
  from: number;
  /** What it says now, what the page made it say, and that without escapes. */
  now: string;
  page: string;
  plain: string;
  /** What it is to say, sign by sign, once something in it is to change. */
  signs?: string[];
}

/** Full-width signs as ASCII or the other way round, offsets kept. */
const shift = (text: string, signs: RegExp, by: number): string =>
  text.replace(signs, (sign) => String.fromCharCode(sign.charCodeAt(0) + by));

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
    let whole = '';
    let joint = '';
    const spans: Span[] = [];
    const add = (node: Text | Element, now: string, link?: boolean) => {
      const [own = '', ours] = done.get(node) ?? [];
      const page = ours === now ? own : now;
      // Up to the extension, pause or message.
      const plain = link ? page.replace(/^[^?;,&]*/, unescape) : page;
      whole += joint;
      spans.push({ node, from: whole.length, now, page, plain });
      whole += link ? plain.replace(/\d[a-z?;,&#].*/i, ([digit]) => digit + STOP) : plain;
    };
    walk(first, last, (node) => {
      if ('data' in node) {
        if (LEGIBLE.test(node.data) || done.has(node)) {
          if (node.parentElement?.localName !== 'script') {
            // What an element parts is read together, but it is not one run of digits.
            if (node.previousSibling?.nodeType === 1) joint ||= '\n';
            add(node, node.data);
            joint = '';
          }
        } else joint = STOP;
      } else {
        const href = node.getAttribute('href') ?? '';
        joint = INLINE.test(node.localName) ? joint || '\n' : STOP;
        if (/^(tel|sms):/i.test(href)) add(node, href, true);
        if (node.shadowRoot && !node.closest(OFF)) enter(node.shadowRoot);
      }
    });

    let i = 0;
    const spanAt = (at: number): Span => {
      while ((spans[i + 1]?.from ?? at + 1) <= at) i++;
      return spans[i] as Span;
    };
    rewrite(
      shift(whole, /[\uff01-\uff5e]/g, -0xfee0),
      pattern,
      (digits, at) => {
        const { node } = spanAt(at);
        if (('data' in node ? node.parentElement : node)?.closest(OFF)) return undefined;
        const known = numbers.find((number) => digits.endsWith(split(number)[1] as string)) as string;
        const number = shown(targets.get(known) as string);
        return number === known ? undefined : [known, number];
      },
      (at, put) => {
        const span = spanAt(at);
        span.signs ??= span.plain.split('');
        const nth = at - span.from;
        span.signs[nth] = (span.signs[nth] as string) < '\uff00' ? put : shift(put, /./g, 0xfee0);
      },
    );
    for (const { node, now, page, signs } of spans) {
      const wanted = signs ? signs.join('') : page;
      if (now !== wanted) {
        done.set(node, [page, wanted]);
        if ('data' in node) edit(node, wanted);
        else node.setAttribute('href', wanted);
      }
    }
  };

  const learn = (target: string, number: string): void => {
    if (targets.has(number)) return;
    targets.set(number, target);
    // The longest first: one may begin like another.
    numbers = [...targets.keys()].sort((a, b) => b.length - a.length);
    pattern = patternOf(numbers);
  };

  return { paint, learn };
}

/** Digit by digit, the new inserted before the old is deleted: so the ends of the visitor's selection stay where they are. */
function edit(text: Text, wanted: string): void {
  const { data } = text;
  if (data.length !== wanted.length) text.data = wanted;
  else {
    data.replace(/./gs, (sign, at) => {
      if (sign !== wanted[at]) {
        text.insertData(at, wanted[at] as string);
        text.deleteData(at + 1, 1);
      }
      return '';
    });
  }
}
