import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type Api, api } from '../support/api.js';
import { launchBrowser, type TestBrowser } from '../support/browser.js';
import { startServer, type TestServer } from '../support/server-process.js';
import { bracketed, scriptTag, serveShop } from '../support/shop.js';
import { makeSite, type SiteOptions } from '../support/site.js';
import { eventually, hears, isThere, linkedNumber, newVisitor, swappedNumber } from '../support/visitor.js';

let browser: TestBrowser;
let server: TestServer;
let admin: Api;
beforeAll(async () => {
  [browser, server] = await Promise.all([
    launchBrowser({ keepsPages: true }),
    startServer({ mode: 'redis' }),
  ]);
  admin = api(server.url, server.adminKey);
}, 90_000);
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

async function openShop(options?: SiteOptions) {
  const site = await makeSite(admin, options);
  const shop = await serveShop(site.target, scriptTag(server.url, site.key), {
    '/elsewhere': '<h1>Elsewhere</h1>',
  });
  return { site, shop };
}

const leased = async (tracker: { id: string }): Promise<number> =>
  (await admin.get(`/v1/trackers/${tracker.id}/pool`)).body.leased;

/** Nothing can be waited for where nothing should happen: time enough for the script to ask, had it wanted to. */
const aWhile = () => sleep(1000);

// Headless Chromium shows every page, so it is told to say otherwise.
test('a page in the background takes no number until somebody looks at it', async () => {
  const { site, shop } = await openShop();
  const { page, context, events, errors } = await newVisitor(browser);
  await context.addInitScript(() => {
    let hidden = true;
    Object.defineProperty(document, 'hidden', { get: () => hidden });
    addEventListener('look', () => {
      hidden = false;
      document.dispatchEvent(new Event('visibilitychange'));
    });
  });
  await page.goto(shop.url);
  await isThere(page);
  await aWhile();
  expect(events).toEqual([]);
  expect(await leased(site.tracker)).toBe(0);

  await page.evaluate(() => dispatchEvent(new Event('look')));
  expect(site.numbers).toContain(await swappedNumber(page, site.target));
  expect(await leased(site.tracker)).toBe(1);
  expect(errors).toEqual([]);
});

test('a browser that says that a program uses it asks for nothing', async () => {
  const robot = await launchBrowser({ isAutomated: true });
  onTestFinished(() => robot.close());
  const { site, shop } = await openShop();
  const { page, events, errors } = await newVisitor(robot);
  await page.goto(shop.url);
  expect(await page.evaluate(() => navigator.webdriver)).toBe(true);
  await isThere(page);
  await page.click('#next');
  await page.waitForURL('**/contact');
  await isThere(page);
  await aWhile();
  expect(events).toEqual([]);
  expect(await linkedNumber(page)).toBe(site.target);
  expect(errors).toEqual([]);
});

test('the way back to a page shows the number that it had', async () => {
  const { site, shop } = await openShop();
  const { page, replies, errors } = await newVisitor(browser);
  await page.goto(shop.url);
  const number = await swappedNumber(page, site.target);
  await page.evaluate(() => Object.assign(window, { mark: 1 }));
  await page.click('#next');
  await page.waitForURL('**/contact');
  await swappedNumber(page, site.target);

  await page.evaluate(() => history.back());
  await eventually(() => page.evaluate(() => (window as { mark?: number }).mark)).toBe(1);
  expect(await linkedNumber(page)).toBe(number);
  const session = async () => (await admin.get(`/v1/sessions/${replies[0]?.session}`)).body;
  await eventually(async () => (await session()).page_view_count).toBe(3);
  expect((await session()).leases).toMatchObject([{ number }]);
  expect(await page.textContent('#text')).toBe(`Call ${bracketed(number)}, day and night`);
  expect(errors).toEqual([]);
});

test('the way back does not show a number that somebody else has got meanwhile', async () => {
  const { site, shop } = await openShop({
    numbers: 1,
    tracker: { min_reservation_seconds: 2, reservation_seconds: 2 },
  });
  const { page, errors } = await newVisitor(browser);
  await page.goto(shop.url);
  await swappedNumber(page, site.target);
  await page.evaluate(() => Object.assign(window, { mark: 1 }));
  await page.goto(`${shop.url}/elsewhere`);

  const other = await newVisitor(browser);
  const visit = async () => {
    const heard = other.replies.length;
    await other.page.goto(shop.url);
    await eventually(() => other.replies.length).toBeGreaterThan(heard);
    return other.replies.at(-1);
  };
  await eventually(async () => (await visit())?.status).toBe('ok');
  // From now on it is theirs for as long as this takes.
  const long = { min_reservation_seconds: 300, reservation_seconds: 1800 };
  expect((await admin.patch(`/v1/trackers/${site.tracker.id}`, long)).status).toBe(200);
  expect(await visit()).toMatchObject({ status: 'ok', swaps: [{ expires_in: 300 }] });

  await page.evaluate(() => history.back());
  await eventually(() => page.evaluate(() => (window as { mark?: number }).mark)).toBe(1);
  await hears(page, 'no_number');
  expect(await linkedNumber(page)).toBe(site.target);
  expect(await page.textContent('#text')).toBe(`Call ${bracketed(site.target)}, day and night`);
  expect(errors).toEqual([]);
});

test('a caller who gives the code on the page is its visitor, whatever number they call', async () => {
  const { site, shop } = await openShop({ numbers: 2 });
  const [giver, other] = [await newVisitor(browser), await newVisitor(browser)];
  await giver.page.goto(`${shop.url}/code`);
  await eventually(() => giver.page.textContent('#code')).toMatch(/^\d{4,8}$/);
  const code = await giver.page.textContent('#code');
  expect(await giver.page.textContent('#again')).toBe(code);
  await other.page.goto(shop.url);
  const number = await swappedNumber(other.page, site.target);

  const { body: started } = await admin.post('/v1/calls/start', { call_id: 'with-code', to: number });
  const { status } = await admin.post(`/v1/calls/${started.id}/code`, { code });
  expect(status).toBe(200);
  const call = await admin.get(`/v1/calls/${started.id}`);
  expect(call.body.attribution).toMatchObject({ method: 'code', visitor_id: giver.replies[0]?.visitor });
  expect([...giver.errors, ...other.errors]).toEqual([]);
}, 60_000);
