import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { type Api, api } from '../support/api.js';
import type { TestBrowser } from '../support/browser.js';
import type { TestServer } from '../support/server-process.js';
import { sharedBrowser } from '../support/shared-browser.js';
import { sharedServer } from '../support/shared-server.js';
import { scriptTag, serveShop } from '../support/shop.js';
import { makeSite } from '../support/site.js';
import { eventually, linkedNumber, newVisitor, swappedNumber } from '../support/visitor.js';

let browser: Pick<TestBrowser, 'newContext'>;
let server: TestServer;
let admin: Api;
beforeAll(async () => {
  [browser, server] = await Promise.all([sharedBrowser(), sharedServer('redis')]);
  admin = api(server.url, server.adminKey);
}, 90_000);

/** A visitor of a shop whose script tag has `consent`, as far as it says, and `head` before it. */
async function arrive(consent: string, head = '') {
  const site = await makeSite(admin);
  const tag = scriptTag(server.url, site.key).replace(' src', ` data-consent="${consent}" src`);
  const shop = await serveShop(site.target, head + tag);
  const visitor = await newVisitor(browser);
  const leased = async () => (await admin.get(`/v1/trackers/${site.tracker.id}/pool`)).body.leased;
  return { ...visitor, site, shop, leased };
}

/** Nothing can be waited for where nothing should happen: time enough for the script to ask, had it wanted to. */
const aWhile = () => sleep(1000);

const consent = (page: Page, given: boolean) =>
  page.evaluate(
    (given) => (window as unknown as { dni: { consent: (given: boolean) => void } }).dni.consent(given),
    given,
  );

const stored = (page: Page) =>
  page.evaluate(() =>
    [...Object.keys(localStorage), ...Object.keys(sessionStorage), document.cookie].join(''),
  );

test('while the visitor has not answered nothing is asked or kept; consent brings the number and what they arrived by', async () => {
  const { page, shop, site, events, replies, leased, errors } = await arrive('wait');
  await page.goto(`${shop.url}/?utm_source=google&gclid=Cj0wait`);
  await page.waitForFunction('window.dni');
  await aWhile();
  // Many pages tidy their address.
  await page.evaluate(() => history.replaceState(null, '', '/'));
  expect(events).toEqual([]);
  expect(await stored(page)).toBe('');
  expect(await linkedNumber(page)).toBe(site.target);
  expect(await leased()).toBe(0);

  await consent(page, true);
  const number = await swappedNumber(page, site.target);
  expect(site.numbers).toContain(number);
  await eventually(() => replies.length).toBe(1);
  expect((await admin.get(`/v1/sessions/${replies[0]?.session}`)).body).toMatchObject({
    source: 'google',
    click_ids: { gclid: 'Cj0wait' },
    page_view_count: 1,
  });
  expect(errors).toEqual([]);
});

test('consent given before the script is there counts, on the next page too', async () => {
  const manager = `<script>window.dni = window.dni || []; dni.push((dni) => dni.consent(true));</script>`;
  const { page, shop, site, replies, errors } = await arrive('wait', manager);
  await page.goto(shop.url);
  const number = await swappedNumber(page, site.target);
  await page.click('#next');
  await page.waitForURL('**/contact');
  expect(await swappedNumber(page, site.target)).toBe(number);
  await eventually(() => replies.length).toBe(2);
  expect(new Set(replies.map(({ visitor }) => visitor)).size).toBe(1);
  expect(errors).toEqual([]);
});

test('consent taken back restores the page, frees the number and forgets the visitor', async () => {
  const { page, shop, site, events, replies, leased, errors } = await arrive('full');
  const own = await page.goto(`${shop.url}/`).then((answer) => answer?.text());
  await swappedNumber(page, site.target);
  await eventually(() => replies.length).toBe(1);
  expect(await leased()).toBe(1);

  await consent(page, false);
  await eventually(leased).toBe(0);
  expect(own).toContain(await page.innerHTML('#text'));
  expect(own).toContain(await page.locator('#link').evaluate((link) => link.outerHTML));
  expect(events.find(({ type }) => type === 'withdraw')).toMatchObject({ visitor: replies[0]?.visitor });
  expect(await stored(page)).not.toContain('dni');
  await aWhile();
  expect(await linkedNumber(page)).toBe(site.target);

  // Who is asked again, and agrees, is somebody new.
  await consent(page, true);
  await swappedNumber(page, site.target);
  // Between them the page asked without telling who.
  await eventually(() => replies.length).toBe(3);
  expect(replies[1]?.visitor).toBeNull();
  expect(replies[2]?.visitor).not.toBe(replies[0]?.visitor);
  expect(errors).toEqual([]);
});

test('without consent no visitor is told from another, and nothing is kept', async () => {
  const { page, shop, site, events, replies, leased, errors } = await arrive('none');
  await page.goto(shop.url);
  await eventually(() => replies).toMatchObject([{ visitor: null, session: null, swaps: [] }]);
  expect(events).toMatchObject([{ type: 'view', consent: 'none' }]);
  expect(events[0]?.visitor).toBeNull();
  expect(await stored(page)).toBe('');
  expect(await linkedNumber(page)).toBe(site.target);
  expect(await leased()).toBe(0);
  expect(errors).toEqual([]);
});
