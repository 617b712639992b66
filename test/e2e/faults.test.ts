import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Api, api } from '../support/api.js';
import type { TestBrowser } from '../support/browser.js';
import { type Fault, type FaultyService, startFaultyService } from '../support/faulty-service.js';
import type { TestServer } from '../support/server-process.js';
import { sharedBrowser } from '../support/shared-browser.js';
import { sharedServer } from '../support/shared-server.js';
import { bracketed, dotted, scriptTag, serveShop } from '../support/shop.js';
import { makeSite, type TestSite } from '../support/site.js';
import { eventually, hears, linkedNumber, newVisitor, swappedNumber } from '../support/visitor.js';

let browser: Pick<TestBrowser, 'newContext'>;
let server: TestServer;
let service: FaultyService;
let admin: Api;
let site: TestSite;
beforeAll(async () => {
  [browser, server] = await Promise.all([sharedBrowser(), sharedServer('postgres')]);
  service = await startFaultyService(server.url);
  admin = api(server.url, server.adminKey);
  site = await makeSite(admin, {
    numbers: 20,
    tracker: { min_reservation_seconds: 4, reservation_seconds: 20 },
  });
}, 90_000);
afterAll(async () => {
  await service?.close();
});

const openShop = () => serveShop(site.target, scriptTag(service.url, site.key));

/** Answers that a page must not believe. Parts of them are as they should be. */
const swap = {
  target: '+12125550100',
  number: '+12025550100',
  display: '(202) 555-0100',
  lease: '0190b4c2-0000-7000-8000-000000000000',
  expires_at: '2040-01-01T00:00:00.000Z',
  expires_in: 300,
  assignment: 'exclusive',
};
const reply = (swaps: unknown, more: object = {}): string =>
  JSON.stringify({ visitor: null, session: null, status: 'ok', swaps, renew_after: 60, ...more });

const FAULTS: [string, Fault][] = [
  ['is cut off', 'cut'],
  ['is 500 with a problem', { status: 500, body: '{"status":500,"code":"internal"}' }],
  ['is 500 with numbers all the same', { status: 500, body: reply([swap]) }],
  ['is 503', { status: 503, body: '{"status":503,"code":"unavailable"}' }],
  ['is empty', { status: 204, body: '' }],
  ['is a page', { status: 200, type: 'text/html', body: '<h1>Log in to the hotel Wi-Fi</h1>' }],
  ['is null', { status: 200, body: 'null' }],
  ['is a list', { status: 200, body: '[]' }],
  ['has no swaps', { status: 200, body: '{"status":"ok"}' }],
  ['has swaps that are no list', { status: 200, body: reply({ 0: swap }) }],
  ['has a swap that is null', { status: 200, body: reply([null]) }],
  ['breaks off in the middle', { status: 200, body: reply([swap]).slice(0, 90) }],
  ['has a number that is none', { status: 200, body: reply([{ ...swap, number: 'javascript:alert(1)' }]) }],
  ['has a number as people write it', { status: 200, body: reply([{ ...swap, number: '(202) 555-0100' }]) }],
  ['has a number that is a number', { status: 200, body: reply([{ ...swap, number: 12025550100 }]) }],
  ['has a target that is none', { status: 200, body: reply([{ ...swap, target: '.*' }]) }],
  ['has a lease that is over', { status: 200, body: reply([{ ...swap, expires_in: -1 }]) }],
  ['has a lease that ends in words', { status: 200, body: reply([{ ...swap, expires_in: 'soon' }]) }],
  ['has a lease without an end', { status: 200, body: reply([{ ...swap, expires_in: null }]) }],
];

test('the page keeps its own number, and nothing is uncaught, whatever is wrong with the answer', async () => {
  const shop = await openShop();
  const { page, events, errors } = await newVisitor(browser);
  for (const [what, fault] of FAULTS) {
    service.break(fault);
    await page.goto(shop.url);
    await eventually(() => page.evaluate(() => window.dni?.status ?? 'waiting')).not.toBe('waiting');
    await sleep(100);
    expect.soft(await page.textContent('#text'), what).toBe(`Call ${bracketed(site.target)}, day and night`);
    expect.soft(await page.textContent('#link'), what).toBe(dotted(site.target));
    expect.soft(await linkedNumber(page), what).toBe(site.target);
    expect.soft(errors.splice(0), what).toEqual([]);
    // Nor does it ask again and again.
    const views = events.splice(0).filter(({ type }) => type === 'view');
    expect.soft(views.length, what).toBeLessThan(3);
  }
}, 60_000);

test('an answer that comes after four seconds comes too late, and the next page shows the number', async () => {
  service.break('late');
  const shop = await openShop();
  const { page, errors } = await newVisitor(browser);
  await page.goto(shop.url);
  await hears(page, 'error');
  await sleep(2000);
  expect(await linkedNumber(page)).toBe(site.target);
  expect(await page.textContent('#text')).toBe(`Call ${bracketed(site.target)}, day and night`);

  service.break('none');
  await page.click('#next');
  await page.waitForURL('**/contact');
  expect(site.numbers).toContain(await swappedNumber(page, site.target));
  expect(errors).toEqual([]);
});

test('the page works while the script itself hangs', async () => {
  const shop = await serveShop(site.target, '<script async src="/never.js"></script>');
  const { page, context, errors } = await newVisitor(browser);
  await context.route('**/never.js', () => {});
  await page.goto(shop.url, { waitUntil: 'domcontentloaded' });
  await page.click('#next', { noWaitAfter: true });
  await page.waitForURL('**/contact', { waitUntil: 'domcontentloaded' });
  expect(await linkedNumber(page)).toBe(site.target);
  expect(errors).toEqual([]);
});

test('a number that cannot be renewed goes when its time is over, and another comes with the service', async () => {
  service.break('none');
  const shop = await openShop();
  const { page, errors } = await newVisitor(browser);
  await page.goto(shop.url);
  const number = await swappedNumber(page, site.target);
  service.break('cut');
  await eventually(() => linkedNumber(page)).toBe(site.target);
  expect(await page.textContent('#text')).toBe(`Call ${bracketed(site.target)}, day and night`);

  service.break('none');
  await page.click('#next');
  await page.waitForURL('**/contact');
  expect(site.numbers).toContain(await swappedNumber(page, site.target));
  expect(number).not.toBe(site.target);
  expect(errors).toEqual([]);
});

test('an answer that is lost on its way costs no second number', async () => {
  service.break('lose');
  const shop = await openShop();
  const { page, events, replies } = await newVisitor(browser);
  await page.goto(`${shop.url}/?utm_source=flyer`);
  await hears(page, 'error');
  expect(await linkedNumber(page)).toBe(site.target);

  service.break('none');
  await page.click('#next');
  await page.waitForURL('**/contact');
  const number = await swappedNumber(page, site.target);
  await eventually(() => replies.length).toBeGreaterThan(0);
  const session = await admin.get(`/v1/sessions/${replies[0]?.session}`);
  expect(session.body).toMatchObject({ source: 'flyer', page_view_count: 2, leases: [{ number }] });
  // Where it arrived is told until the service says that it heard.
  const [first, second] = events.filter(({ type }) => type === 'view');
  expect(second?.landing).toEqual(first?.landing);
});
