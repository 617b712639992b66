import { createHash } from 'node:crypto';
import pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Api, api } from '../support/api.js';
import type { TestBrowser } from '../support/browser.js';
import type { TestServer } from '../support/server-process.js';
import { sharedBrowser } from '../support/shared-browser.js';
import { sharedServer } from '../support/shared-server.js';
import { bracketed, dotted, homePage, scriptTag, serveShop } from '../support/shop.js';
import { makeSite, type TestSite } from '../support/site.js';
import { eventually, hears, linkedNumber, newVisitor, swappedNumber } from '../support/visitor.js';

let browser: Pick<TestBrowser, 'newContext'>;
let server: TestServer;
let admin: Api;
let site: TestSite;
/** The tag that pins the script by its hash, with more attributes. */
let pinned: (attributes: string) => string;
beforeAll(async () => {
  [browser, server] = await Promise.all([sharedBrowser(), sharedServer('postgres')]);
  admin = api(server.url, server.adminKey);
  const { version } = (await import('../../package.json', { with: { type: 'json' } })).default;
  const address = `${server.url}/dni/v${version}.js`;
  const script = await (await fetch(address)).text();
  const hash = createHash('sha384').update(script).digest('base64');
  pinned = (attributes) =>
    `<script async src="${address}" integrity="sha384-${hash}" crossorigin ${attributes}></script>`;
}, 90_000);

/** How many visitors and page views the site has had. */
async function counts(): Promise<unknown> {
  const client = new pg.Client(server.stores.DATABASE_URL);
  await client.connect();
  const { rows } = await client.query(
    `select (select count(*)::int from visitors where site_id = $1) as visitors,
      (select count(*)::int from page_views where site_id = $1) as views`,
    [site.id],
  );
  await client.end();
  return rows[0];
}

const later = (tag: string): string => {
  const [, source] = /src="([^"]+)"/.exec(tag) ?? [];
  return `<script>addEventListener('load', () => setTimeout(() => {
    const tag = document.createElement('script');
    tag.src = '${source}';
    document.body.append(tag);
  }, 100))</script>`;
};

const PLACES: [string, (tag: string) => (target: string) => string][] = [
  ['in the head', (tag) => (target) => homePage(target, tag)],
  ['at the end of the body', (tag) => (target) => homePage(target, '').replace('</body>', `${tag}</body>`)],
  ['in the head and not async', (tag) => (target) => homePage(target, tag.replace(' async', ''))],
  ['put in later by another script', (tag) => (target) => homePage(target, later(tag))],
  ['twice', (tag) => (target) => homePage(target, tag).replace('</body>', `${tag}</body>`)],
];

describe('the number is swapped once and one visitor is counted with the tag', () => {
  test.each(PLACES)('%s', async (_, place) => {
    site = await makeSite(admin);
    const page = place(scriptTag(server.url, site.key))(site.target);
    const shop = await serveShop(site.target, '', { '/': page });
    const visitor = await newVisitor(browser);
    await visitor.page.goto(shop.url);
    const number = await swappedNumber(visitor.page, site.target);
    expect(await visitor.page.textContent('#text')).toBe(`Call ${bracketed(number)}, day and night`);
    expect(await visitor.page.textContent('#link')).toBe(dotted(number));
    expect(await counts()).toEqual({ visitors: 1, views: 1 });
    expect(visitor.events.map(({ type }) => type)).toEqual(['view']);
    expect(visitor.errors).toEqual([]);
  });
});

describe('the versioned script, pinned by its hash', () => {
  test('takes site and targets from its tag', async () => {
    site = await makeSite(admin);
    const shop = await serveShop(
      site.target,
      pinned(`data-site="${site.key}" data-targets="${site.target},+12125550198"`),
    );
    const { page, errors } = await newVisitor(browser);
    await page.goto(shop.url);
    const number = await swappedNumber(page, site.target);
    expect(site.numbers).toContain(number);
    expect(await page.textContent('#link')).toBe(dotted(number));
    expect(await counts()).toEqual({ visitors: 1, views: 1 });
    expect(errors).toEqual([]);
  });

  test('is told the targets by the service where its tag does not name them', async () => {
    site = await makeSite(admin);
    const shop = await serveShop(site.target, pinned(`data-site="${site.key}"`));
    const { page, errors } = await newVisitor(browser);
    await page.goto(shop.url);
    const number = await swappedNumber(page, site.target);
    expect(site.numbers).toContain(number);
    expect(await page.textContent('#link')).toBe(dotted(number));
    expect(await counts()).toEqual({ visitors: 1, views: 1 });
    expect(errors).toEqual([]);
  });

  test('is not run by the browser if its hash is another', async () => {
    site = await makeSite(admin);
    const tag = pinned(`data-site="${site.key}"`).replace(/sha384-..../, 'sha384-AAAA');
    const shop = await serveShop(site.target, tag);
    const { page, events } = await newVisitor(browser);
    await page.goto(shop.url);
    expect(await linkedNumber(page)).toBe(site.target);
    expect(events).toEqual([]);
  });
});

describe('under a strict policy', () => {
  test.each([
    ['that names its host', () => server.url, ''],
    ['that names no host but a nonce', () => "'nonce-e2e'", ' nonce="e2e"'],
  ])('%s it swaps, loads what it needs and violates nothing', async (_, source, nonce) => {
    site = await makeSite(admin);
    const policy = `default-src 'none'; script-src ${source()}; connect-src ${server.url}; require-trusted-types-for 'script'; trusted-types 'none'`;
    const tag = scriptTag(server.url, site.key).replace(' src', `${nonce} src`);
    const shop = await serveShop(
      site.target,
      `<meta http-equiv="Content-Security-Policy" content="${policy}">${tag}`,
    );
    const { page, context, errors } = await newVisitor(browser);
    const violations: string[] = [];
    await context.exposeFunction('violated', (what: string) => violations.push(what));
    await context.addInitScript(() =>
      addEventListener('securitypolicyviolation', (event) =>
        (window as unknown as { violated: (what: string) => void }).violated(event.violatedDirective),
      ),
    );
    // The overlay is in the second file.
    await page.goto(`${shop.url}/?dni_debug`);
    const number = await swappedNumber(page, site.target);
    expect(site.numbers).toContain(number);
    await eventually(() => page.getByText(number).count()).toBeGreaterThan(0);
    await page.locator('#next').click();
    await page.waitForURL('**/contact');
    await swappedNumber(page, site.target);
    expect(violations).toEqual([]);
    expect(errors).toEqual([]);
  });

  test('that does not let it ask, it leaves the page alone', async () => {
    site = await makeSite(admin);
    const policy = `default-src 'none'; script-src ${server.url}`;
    const head = `<meta http-equiv="Content-Security-Policy" content="${policy}">${scriptTag(server.url, site.key)}`;
    const shop = await serveShop(site.target, head);
    const { page, errors } = await newVisitor(browser);
    await page.goto(shop.url);
    await hears(page, 'error');
    expect(await linkedNumber(page)).toBe(site.target);
    expect(errors).toEqual([]);
  });
});

test('where the browser denies storage, the page shows a number all the same', async () => {
  site = await makeSite(admin);
  const shop = await serveShop(site.target, scriptTag(server.url, site.key), {
    '/frame': '<iframe src="/" sandbox="allow-scripts"></iframe>',
  });
  const { page, events, errors } = await newVisitor(browser);
  await page.goto(`${shop.url}/frame`);
  await eventually(() => page.frames().length).toBe(2);
  const frame = page.frames()[1]!;
  const number = await swappedNumber(frame, site.target);
  expect(await frame.textContent('#link')).toBe(dotted(number));
  expect(events).toMatchObject([{ type: 'view', storage: false }]);
  expect(errors).toEqual([]);
});
