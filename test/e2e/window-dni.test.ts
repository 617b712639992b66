import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { type Api, api } from '../support/api.js';
import type { TestBrowser } from '../support/browser.js';
import type { TestServer } from '../support/server-process.js';
import { sharedBrowser } from '../support/shared-browser.js';
import { sharedServer } from '../support/shared-server.js';
import { bracketed, scriptTag, serveShop } from '../support/shop.js';
import { makeSite } from '../support/site.js';
import { eventually, newVisitor, swappedNumber } from '../support/visitor.js';

let browser: Pick<TestBrowser, 'newContext'>;
let server: TestServer;
let admin: Api;
beforeAll(async () => {
  [browser, server] = await Promise.all([sharedBrowser(), sharedServer('redis')]);
  admin = api(server.url, server.adminKey);
}, 90_000);

async function openShop(head = '') {
  const site = await makeSite(admin);
  const shop = await serveShop(site.target, head + scriptTag(server.url, site.key));
  return { site, shop, ...(await newVisitor(browser)) };
}

/** Runs one line on the page. */
const run = (page: Page, line: string): Promise<unknown> => page.evaluate(line);

test('what a page asks for before the script is there it gets, and hears of every change', async () => {
  const { page, shop, site, errors } = await openShop(
    `<script>window.dni = window.dni || []; heard = []; dni.push((dni) => dni.on((shown) => heard.push(shown)));</script>`,
  );
  await page.goto(shop.url);
  const number = await swappedNumber(page, site.target);
  const shown = { target: site.target, number, display: bracketed(number) };
  await eventually(async () => ((await run(page, 'heard')) as unknown[]).at(-1)).toMatchObject(shown);
  expect(await run(page, `dni.get('${site.target}')`)).toMatchObject(shown);
  expect(await run(page, `dni.get('+12125550199')`)).toBeUndefined();

  // Another listener is told at once; one that fails disturbs nobody.
  await run(page, `late = []; dni.on(() => { throw 1 }); dni.on((shown) => late.push(shown)); 0`);
  await eventually(() => run(page, 'late')).toMatchObject([shown]);
  expect(errors).toEqual([]);
});

test('says what it shows and in how many places, and asks anew when told to', async () => {
  const { page, shop, site, events, errors } = await openShop();
  await page.goto(shop.url);
  const number = await swappedNumber(page, site.target);
  const swaps = async () => (await run(page, 'dni.swaps')) as { places: number }[];
  await eventually(swaps).toMatchObject([{ target: site.target, number, display: bracketed(number) }]);
  const [{ places: before }] = (await swaps()) as [{ places: number }];
  expect(before).toBeGreaterThan(1);
  await run(page, `document.body.append('Emergencies: ${site.target}')`);
  await eventually(swaps).toMatchObject([{ number, places: before + 1 }]);

  // The number that the page shows is taken out of the pool.
  const numbers = site.numbers.filter((other) => other !== number);
  expect((await admin.patch(`/v1/trackers/${site.tracker.id}`, { numbers })).status).toBe(200);
  const asked = events.length;
  await run(page, 'dni.refresh()');
  await eventually(() => events.length).toBeGreaterThan(asked);
  await eventually(async () => (await swaps())[0]).not.toMatchObject({ number });
  const other = await swappedNumber(page, number);
  expect(numbers).toContain(other);
  await eventually(() => page.textContent('body')).toContain(`Emergencies: ${other}`);
  expect(errors).toEqual([]);
});

test('tells the service of a lead, and the ids that other tools know the visitor by', async () => {
  const { page, context, shop, site, events, replies, errors } = await openShop();
  await context.addCookies(
    Object.entries({ _ga: 'GA1.1.123.456', _ym_uid: '1700000000123', unrelated: 'secret' }).map(
      ([name, value]) => ({ name, value, url: shop.url }),
    ),
  );
  await page.goto(shop.url);
  await swappedNumber(page, site.target);
  expect(events[0]).toMatchObject({
    cookies: expect.arrayContaining(['_ga=GA1.1.123.456', '_ym_uid=1700000000123']),
  });
  expect(JSON.stringify(events[0])).not.toContain('secret');

  await eventually(() => replies.length).toBe(1);
  const answered = page.waitForResponse('**/v1/events');
  await run(page, `dni.lead({ name: 'Ann', phone: '+12125550198' })`);
  expect((await answered).status()).toBe(204);
  expect(events.find(({ type }) => type === 'lead')).toMatchObject({
    visitor: replies[0]?.visitor,
    lead: { name: 'Ann', phone: '+12125550198' },
  });
  expect(errors).toEqual([]);
});

test('shows on demand what it found and did', async () => {
  const { page, shop, site, errors } = await openShop();
  await page.goto(`${shop.url}/?dni_debug`);
  const number = await swappedNumber(page, site.target);
  // Text engines of locators look into open shadow roots.
  await eventually(() => page.getByText(number).count()).toBeGreaterThan(0);
  await eventually(() => page.getByText(site.target).count()).toBeGreaterThan(0);
  await page.click('#next');
  await page.waitForURL('**/contact');
  await swappedNumber(page, site.target);
  expect(errors).toEqual([]);
});
