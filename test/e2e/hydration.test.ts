import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { api } from '../support/api.js';
import type { TestBrowser } from '../support/browser.js';
import { buildPage, type Framework, type FrameworkPage } from '../support/hydration/build.js';
import { BRACKETED, DOTTED, type Style, written } from '../support/hydration/number.js';
import { servePage } from '../support/page-server.js';
import type { TestServer } from '../support/server-process.js';
import { sharedBrowser } from '../support/shared-browser.js';
import { sharedServer } from '../support/shared-server.js';
import { scriptTag } from '../support/shop.js';
import { makeSite, type TestSite } from '../support/site.js';
import { eventually, newVisitor, swappedNumber } from '../support/visitor.js';

interface Site {
  /** The element that the framework takes over; absent: the document. */
  root?: string;
  /** Where its script lies. */
  script: string;
  /** The page around what the framework wrote, with `head` in its head and `tail` behind. */
  page: (html: string, head: string, tail: string) => string;
}

const whole = (head: string, body: string): string =>
  `<head><title>Plumber</title>${head}</head><body>${body}</body>`;

/** Sites as the frameworks' users have them. */
const SITES: Record<Framework, Site> = {
  react: {
    root: '#root',
    script: '/app.js',
    page: (html, head, tail) =>
      whole(head, `<div id="root">${html}</div>${tail}<script defer src="/app.js"></script>`),
  },
  // As Next's app router: React owns the page from <html> on.
  'react-document': {
    script: '/_next/static/chunks/main-app.js',
    page: (html, head, tail) =>
      html
        .replace('<head>', `<head>${head}<script defer src="/_next/static/chunks/main-app.js"></script>`)
        .replace('</body>', `${tail}</body>`),
  },
  vue: {
    root: '#app',
    script: '/assets/app.js',
    page: (html, head, tail) =>
      whole(
        `${head}<script type="module" src="/assets/app.js"></script>`,
        `<div id="app">${html}</div>${tail}`,
      ),
  },
  preact: {
    root: '.page',
    script: '/app.js',
    page: (html, head, tail) =>
      whole(head, `<div class="page">${html}</div>${tail}<script type="module" src="/app.js"></script>`),
  },
  // As SvelteKit.
  svelte: {
    root: 'body > div',
    script: '/_app/app.js',
    page: (html, head, tail) =>
      whole(
        `${head}<link rel="modulepreload" href="/_app/app.js">`,
        `<div style="display: contents">${html}${tail}<script>import("/_app/app.js")</script></div>`,
      ),
  },
};
const NAMES = Object.keys(SITES) as Framework[];

let browser: Pick<TestBrowser, 'newContext'>;
let server: TestServer;
let site: TestSite;
let built: Map<Framework, FrameworkPage>;
beforeAll(async () => {
  [browser, server] = await Promise.all([sharedBrowser(), sharedServer('postgres')]);
  site = await makeSite(api(server.url, server.adminKey), { numbers: 40 });
  built = new Map(
    await Promise.all(NAMES.map(async (name) => [name, await buildPage(name, site.target)] as const)),
  );
}, 90_000);

/** The site of a framework: `head` in its page's head, its script sent `delay` milliseconds late. */
async function serveSiteOf(framework: Framework, head: string, delay = 0) {
  const { root, script, page } = SITES[framework];
  const { html, code } = built.get(framework)!;
  const props = JSON.stringify({ root, target: site.target });
  const tail = `<script id="props" type="application/json">${props}</script>
    <script>before = document.querySelector('#text').firstChild</script>`;
  const served = await servePage({
    '/': `<!doctype html>${page(html, `<link rel="icon" href="data:,">${head}`, tail)}`,
    [script]: async function* () {
      await sleep(delay);
      yield code;
    },
  });
  onTestFinished(() => served.close());
  return served.url;
}

/** What the page says in its four places. */
const places = (page: Page) =>
  page.evaluate(() => ({
    text: document.querySelector('#text')?.textContent,
    split: document.querySelector('#split')?.textContent,
    link: document.querySelector('#link')?.textContent,
    href: document.querySelector('#link')?.getAttribute('href'),
    part: document.querySelector('#part')?.textContent,
  }));

const showing = (number: string, style: Style) => ({
  text: `Call ${written(number, style)}, day and night`,
  split: `Or ${written(number, style)}`,
  link: written(number, style),
  href: `tel:${number}`,
  part: `Emergencies: ${written(number, style)}`,
});

const press = (page: Page, id: string) => page.evaluate((id) => document.getElementById(id)?.click(), id);

/** Loads the page, lets the framework take it over and its buttons be pressed; it shows `number`, or one of the pool, all along. */
async function visits(page: Page, url: string, number?: string): Promise<string> {
  await page.goto(url);
  await page.waitForFunction('window.hydrated');
  const shown = await swappedNumber(page, site.target);
  if (number) expect(shown).toBe(number);
  else expect(site.numbers).toContain(shown);
  await eventually(() => places(page)).toEqual(showing(shown, BRACKETED));
  // The framework took over what the server wrote: it made nothing anew.
  expect(await page.evaluate(`before === document.querySelector('#text').firstChild`)).toBe(true);

  await press(page, 'count');
  await press(page, 'count');
  await eventually(() => page.textContent('#count')).toBe('2');
  expect(await places(page)).toEqual(showing(shown, BRACKETED));

  await press(page, 'toggle');
  await eventually(() => page.locator('#part').count()).toBe(0);
  await press(page, 'toggle');
  await eventually(() => places(page)).toEqual(showing(shown, BRACKETED));

  await press(page, 'rewrite');
  await eventually(() => places(page)).toEqual(showing(shown, DOTTED));
  return shown;
}

const tag = () => scriptTag(server.url, site.key).replace(' async', '');
/** As tag managers and loaders that wait do: the page was hydrated and has loaded. */
const later = () => `<script>
  const ready = (name) => new Promise((done) => addEventListener(name, done));
  Promise.all([ready('load'), ready('hydrated')]).then(() => setTimeout(() => {
    const tag = document.createElement('script');
    tag.src = '${server.url}/dni/${site.key}.js';
    document.head.append(tag);
  }, 50));
</script>`;

describe.each(NAMES)('a page that %s hydrates ends swapped, and stays so, with no error', (framework) => {
  test.each([
    ['before the framework, on the first view and the next', tag, 0, 2],
    ['after it, put in by another', later, 0, 1],
    ['long before it', tag, 500, 1],
  ])('where the script runs %s', async (_, head, delay, views) => {
    const url = await serveSiteOf(framework, head(), delay);
    const { page, errors } = await newVisitor(browser);
    const said: string[] = [];
    page.on('console', (line) => {
      if (['error', 'warning'].includes(line.type())) said.push(line.text());
    });
    let number: string | undefined;
    for (let view = 0; view < views; view++) number = await visits(page, url, number);
    expect([...errors, ...said]).toEqual([]);
  });
});
