/** What all pages show, and what is to stand in its place. */
export const TARGET = '+12025550123';
export const NUMBER = '+12025550199';

const WRITTEN = ['(202) 555-0123', '202-555-0123', '202.555.0123', '+1 202 555 0123', '202 555 0123'];
const PROSE =
  'Our team repairs roofs in all weathers, and the first visit costs nothing. We tell you what is broken, what it costs to mend, and ' +
  'how long that takes; then you decide.';

/** One block of a page: most have no digit, some have other digits, every 100th the number, one in 50 is a `tel:` link. */
function block(at: number): string {
  if (at % 50 === 25) return '<p><a href="tel:+12025550123">Call us</a> today</p>';
  if (at % 100 === 50) return `<p>Call <b>now</b>: ${WRITTEN[((at / 100) % 5) | 0]} or write.</p>`;
  switch (at % 8) {
    case 0:
      return `<h2>What we mend, part ${at}</h2>`;
    case 1:
    case 2:
      return `<p>${PROSE}</p>`;
    case 3:
      return `<p>${PROSE.slice(0, 70)} <em>Not so</em> elsewhere, <a href="/roofs/${at}">see our work</a>.</p>`;
    case 4:
      return '<ul>\n<li>Slate and tile</li>\n<li>Gutters, <strong>cleaned</strong> twice a year</li>\n<li>Chimneys</li>\n</ul>';
    case 5:
      return `<table><tr><td>Item ${at}</td><td>$${at}.50</td><td>2026-03-${10 + (at % 20)}</td></tr></table>`;
    case 6:
      return `<div class="card"><div><span>${PROSE.slice(0, 40)}</span></div></div>`;
    default:
      return `<p>${PROSE.slice(60)} Open from 8 to 18.</p>`;
  }
}

const html = (body: string): string =>
  `<!doctype html><meta charset="utf-8"><title>Roofs</title><body>${body}</body>`;

/** Blocks with the line ends between them that pages have: those are texts of their own. */
export const blocks = (amount: number): string =>
  Array.from({ length: amount }, (_, at) => block(at)).join('\n');

/** A page of this many texts at least, as a tree walker counts them. */
export function pageOf(texts: number): string {
  const one = (text: string) => text.match(/>[^<]+(?=<)/g)?.length ?? 0;
  let amount = 0;
  for (let count = 0; count < texts; amount += 1) count += one(`${block(amount)}\n<`);
  return html(blocks(amount));
}

/** A page of one element with this many children. */
export const siblings = (amount: number): string =>
  html(
    `<div>${Array.from({ length: amount }, (_, at) => `<i>${at === amount - 1 ? WRITTEN[0] : 'tile'}</i>`).join('')}</div>`,
  );
