import { onTestFinished } from 'vitest';
import { type PageServer, type Pages, servePage } from './page-server.js';

/** The groups of a fictional North American number, as in +1 212 555 0100. */
const groups = (number: string): string[] => [number.slice(2, 5), number.slice(5, 8), number.slice(8)];

/** (212) 555-0100 */
export const bracketed = (number: string): string => {
  const [area, exchange, line] = groups(number);
  return `(${area}) ${exchange}-${line}`;
};

/** 212.555.0100 */
export const dotted = (number: string): string => groups(number).join('.');

/** The tag that a site's owner pastes into the pages. */
export const scriptTag = (service: string, key: string): string =>
  `<script async src="${service}/dni/${key}.js"></script>`;

/** A plumber's home page, its number written in two formats, with a link to another page. `head` goes into its head. */
export const homePage = (target: string, head: string): string => `<!doctype html>
<html lang="en">
  <head><title>Plumber</title>${head}</head>
  <body>
    <p id="text">Call <b>${bracketed(target)}</b>, day and night</p>
    <a id="link" href="tel:${target}">${dotted(target)}</a>
    <a id="next" href="/contact">Contact</a>
  </body>
</html>`;

const contactPage = (target: string, head: string): string => `<!doctype html>
<html lang="en">
  <head><title>Contact</title>${head}</head>
  <body>
    <p id="text">Reach us at ${bracketed(target)}</p>
    <a id="link" href="tel:${target}">Call</a>
    <a id="home" href="/">Home</a>
  </body>
</html>`;

/** A page that shows the visitor's code in two places. */
const codePage = (target: string, head: string): string => `<!doctype html>
<html lang="en">
  <head><title>Code</title>${head}</head>
  <body>
    <p>Call ${bracketed(target)} and say <b id="code" data-dni-code>-</b></p>
    <p id="again" data-dni-code></p>
  </body>
</html>`;

/** A website until the test ends: pages that show `target` and have `head` in their heads, at an origin of its own. */
export async function serveShop(target: string, head: string, more: Pages = {}): Promise<PageServer> {
  const shop = await servePage({
    '/': homePage(target, head),
    '/contact': contactPage(target, head),
    '/code': codePage(target, head),
    ...more,
  });
  onTestFinished(() => shop.close());
  return shop;
}
