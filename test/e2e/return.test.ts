import { beforeAll, expect, test } from 'vitest';
import { type Api, api } from '../support/api.js';
import type { TestBrowser } from '../support/browser.js';
import type { TestServer } from '../support/server-process.js';
import { sharedBrowser } from '../support/shared-browser.js';
import { sharedServer } from '../support/shared-server.js';
import { scriptTag, serveShop } from '../support/shop.js';
import { makeSite } from '../support/site.js';
import { eventually, hears, linkedNumber, newVisitor, swappedNumber } from '../support/visitor.js';

let browser: Pick<TestBrowser, 'newContext'>;
let server: TestServer;
let admin: Api;
beforeAll(async () => {
  [browser, server] = await Promise.all([sharedBrowser(), sharedServer('postgres')]);
  admin = api(server.url, server.adminKey);
}, 90_000);

/** A visitor whose first page, reached by a campaign, shows them a number. */
async function arrive() {
  const site = await makeSite(admin);
  const shop = await serveShop(site.target, scriptTag(server.url, site.key));
  const visitor = await newVisitor(browser);
  await visitor.page.goto(`${shop.url}/?utm_source=google&utm_campaign=winter`);
  const number = await swappedNumber(visitor.page, site.target);
  await eventually(() => visitor.replies.length).toBe(1);
  const sessionOf = async (reply: number) =>
    (await admin.get(`/v1/sessions/${visitor.replies[reply]?.session}`)).body;
  return { ...visitor, site, shop, number, sessionOf };
}

test('a reload and a second tab are the same visit, with the same number', async () => {
  const { page, context, site, shop, number, replies, sessionOf, errors } = await arrive();
  await page.reload();
  expect(await swappedNumber(page, site.target)).toBe(number);
  await eventually(() => replies.length).toBe(2);

  const tab = await context.newPage();
  await tab.goto(`${shop.url}/contact`);
  expect(await swappedNumber(tab, site.target)).toBe(number);
  await eventually(() => replies.length).toBe(3);
  expect(new Set(replies.map(({ visitor, session }) => `${visitor} ${session}`)).size).toBe(1);
  const session = await sessionOf(0);
  expect(session).toMatchObject({ source: 'google', page_view_count: 3, leases: [{ number }] });
  expect(session.touches).toHaveLength(1);
  expect(errors).toEqual([]);
});

test('another campaign begins another session of the same visitor, who keeps the number', async () => {
  const { page, site, shop, number, replies, sessionOf } = await arrive();
  await page.goto(`${shop.url}/contact?utm_source=bing&utm_campaign=spring&msclkid=e2e`);
  expect(await swappedNumber(page, site.target)).toBe(number);
  await eventually(() => replies.length).toBe(2);
  expect(replies[1]?.visitor).toBe(replies[0]?.visitor);
  expect(await sessionOf(0)).toMatchObject({ source: 'google', campaign: 'winter', page_view_count: 1 });
  expect(await sessionOf(1)).toMatchObject({
    source: 'bing',
    campaign: 'spring',
    click_ids: { msclkid: 'e2e' },
    page_view_count: 1,
    landing_page: `${shop.url}/contact`,
  });
  const { body: started } = await admin.post('/v1/calls/start', { call_id: 'return', to: number });
  expect(started.session).toMatchObject({ source: 'bing', campaign: 'spring' });
});

test('the kept answer shows the number before the service has said anything', async () => {
  const { page, context, site, number, errors } = await arrive();
  await context.route('**/v1/events', () => {});
  await page.click('#next');
  await page.waitForURL('**/contact');
  expect(await swappedNumber(page, site.target)).toBe(number);
  await hears(page, 'ok');
  expect(errors).toEqual([]);
});

test('who objects to being followed is shown the number of the source, and nothing is kept', async () => {
  const site = await makeSite(admin);
  const [everyone] = site.numbers;
  const everybody = `${site.target.slice(0, -4)}0199`;
  const made = await admin.post('/v1/trackers', {
    site_id: site.id,
    name: 'Everybody',
    type: 'source',
    targets: [site.target],
    destination: site.destination,
    numbers: [everybody],
    priority: 200,
    source: 'website',
  });
  expect(made.status).toBe(201);
  const shop = await serveShop(site.target, scriptTag(server.url, site.key));
  const { page, context, replies, errors } = await newVisitor(browser);
  await context.addInitScript(() => Object.assign(navigator, { globalPrivacyControl: true }));
  await page.goto(shop.url);
  expect(await swappedNumber(page, site.target)).toBe(everybody);
  await eventually(() => replies).toMatchObject([{ visitor: null, session: null, status: 'ok' }]);
  expect(await page.evaluate(() => Object.keys(localStorage))).toEqual([]);
  expect(await linkedNumber(page)).not.toBe(everyone);
  expect(errors).toEqual([]);
});
