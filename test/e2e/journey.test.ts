import pg from 'pg';
import { beforeAll, expect, test } from 'vitest';
import { api, type Loose } from '../support/api.js';
import type { TestBrowser } from '../support/browser.js';
import { startFaultyService } from '../support/faulty-service.js';
import { forEachMode } from '../support/for-each-mode.js';
import type { TestServer } from '../support/server-process.js';
import { sharedBrowser } from '../support/shared-browser.js';
import { sharedServer } from '../support/shared-server.js';
import { bracketed, dotted, scriptTag, serveShop } from '../support/shop.js';
import { makeSite, type SiteOptions } from '../support/site.js';
import { eventually, hears, linkedNumber, newVisitor, swappedNumber } from '../support/visitor.js';

const CAMPAIGN = '/?utm_source=google&utm_medium=cpc&utm_campaign=winter&utm_term=boiler+repair&gclid=Cj0e2e';

/** Renewed every four seconds, so that no test waits for a minute; a renewal that is late costs the number for a moment. */
const SHORT = { min_reservation_seconds: 8, reservation_seconds: 60 };

let browser: Pick<TestBrowser, 'newContext'>;
beforeAll(async () => {
  browser = await sharedBrowser();
});

/** A site of the service and a website that has its script, from `url`, on every page. */
async function openShop(server: TestServer, options?: SiteOptions, url = server.url) {
  const admin = api(server.url, server.adminKey);
  const site = await makeSite(admin, options);
  const shop = await serveShop(site.target, scriptTag(url, site.key));
  return { admin, site, shop };
}

forEachMode('one visit', ({ server }) => {
  test('a visitor sees a number of their own, keeps it, calls it, and the call names the visit', async () => {
    const { admin, site, shop } = await openShop(server(), { tracker: SHORT });
    const visitor = await newVisitor(browser);
    const { page } = visitor;
    const sessionNow = async () => (await admin.get(`/v1/sessions/${visitor.replies[0]?.session}`)).body;

    await page.goto(shop.url + CAMPAIGN);
    const number = await swappedNumber(page, site.target);
    expect(site.numbers).toContain(number);
    await eventually(() => page.textContent('#text')).toBe(`Call ${bracketed(number)}, day and night`);
    await eventually(() => page.textContent('#link')).toBe(dotted(number));

    // Renewal: the lease is seen again, without another view.
    await eventually(() => visitor.replies.length).toBeGreaterThan(0);
    const first = await sessionNow();
    expect(first.leases).toMatchObject([{ number, assignment: 'exclusive', ended_at: null }]);
    await eventually(
      async () => (await sessionNow()).leases[0].last_seen_at > first.leases[0].last_seen_at,
    ).toBe(true);
    expect(visitor.events.map(({ type }) => type)).toContain('renew');
    expect((await sessionNow()).page_view_count).toBe(1);

    await page.click('#next');
    await page.waitForURL('**/contact');
    expect(await swappedNumber(page, site.target)).toBe(number);
    await eventually(() => page.textContent('#text')).toBe(`Reach us at ${bracketed(number)}`);
    await eventually(async () => (await sessionNow()).page_view_count).toBe(2);
    const session = await sessionNow();
    expect(session.leases.map((lease: { id: string }) => lease.id)).toEqual([first.leases[0].id]);
    expect(await leasesInDatabase(server(), session)).toBe(1);

    const started = await admin.post('/v1/calls/start', { call_id: 'e2e', to: number, from: '+12125550199' });
    expect(started.body).toMatchObject({ duplicate: false, route: { destination: site.destination } });
    const call = await admin.get(`/v1/calls/${started.body.id}`);
    expect(call.body).toMatchObject({
      status: 'in_progress',
      source: 'google',
      medium: 'cpc',
      campaign: 'winter',
      keyword: 'boiler repair',
      gclid: 'Cj0e2e',
      landing_page_url: shop.url + CAMPAIGN,
      last_requested_url: `${shop.url}/contact`,
      tracking_phone_number: number,
      business_phone_number: site.destination,
      session: {
        id: session.id,
        visitor_id: session.visitor_id,
        keyword: 'boiler repair',
        page_view_count: 2,
      },
      lease: { id: first.leases[0].id, number },
      attribution: { method: 'recency', session_id: session.id },
    });
    // New holders of a few seconds may be told apart by more than that.
    expect(call.body.attribution.reasons[0].code).toBe('recency');
    expect(call.body.attribution.confidence).toBeGreaterThan(0.9);
    expect(call.body.page_views.map((view: { url: string }) => view.url)).toEqual([
      shop.url + CAMPAIGN,
      `${shop.url}/contact`,
    ]);

    await admin.post('/v1/calls/end', { call_id: 'e2e', status: 'answered', duration: 95 });
    expect((await admin.get(`/v1/calls/${started.body.id}`)).body).toMatchObject({
      status: 'answered',
      duration: 95,
      source: 'google',
    });
    expect(visitor.errors).toEqual([]);
  }, 90_000);

  test('two browsers never show the same number, and a third for whom there is none shows the own', async () => {
    const { site, shop } = await openShop(server(), { numbers: 2 });
    const visitors = await Promise.all([newVisitor(browser), newVisitor(browser)]);
    const numbers = await Promise.all(
      visitors.map(async ({ page }) => {
        await page.goto(shop.url);
        return swappedNumber(page, site.target);
      }),
    );
    expect([...numbers].sort()).toEqual([...site.numbers].sort());

    const third = await newVisitor(browser);
    await third.page.goto(shop.url);
    await hears(third.page, 'no_number');
    expect(await linkedNumber(third.page)).toBe(site.target);
    expect(await third.page.textContent('#text')).toBe(`Call ${bracketed(site.target)}, day and night`);
    for (const { errors } of [...visitors, third]) expect(errors).toEqual([]);
  }, 60_000);

  test('a page of an origin that the site does not list keeps its own number', async () => {
    const { site, shop } = await openShop(server(), { site: { allowed_origins: ['https://shop.example'] } });
    const visitor = await newVisitor(browser);
    await visitor.page.goto(shop.url);
    await hears(visitor.page, 'error');
    expect(await linkedNumber(visitor.page)).toBe(site.target);
    expect(await visitor.page.textContent('#link')).toBe(dotted(site.target));
    expect(visitor.errors).toEqual([]);
  });
});

// Where the service kept leases makes no difference to a page that does not reach it.
test('once the service is gone a number is shown as long as it was promised, then the own', async () => {
  const server = await sharedServer('postgres');
  const service = await startFaultyService(server.url);
  const [long, short] = [
    await openShop(server, {}, service.url),
    await openShop(server, { tracker: SHORT }, service.url),
  ];
  const [patient, hasty, late] = [
    await newVisitor(browser),
    await newVisitor(browser),
    await newVisitor(browser),
  ];
  await patient.page.goto(long.shop.url);
  await hasty.page.goto(short.shop.url);
  const number = await swappedNumber(patient.page, long.site.target);
  await swappedNumber(hasty.page, short.site.target);
  await service.close();

  await eventually(() => linkedNumber(hasty.page)).toBe(short.site.target);
  await hasty.page.click('#next');
  await hasty.page.waitForURL('**/contact');
  await hears(hasty.page, 'error');
  expect(await linkedNumber(hasty.page)).toBe(short.site.target);
  expect(await hasty.page.textContent('#text')).toBe(`Reach us at ${bracketed(short.site.target)}`);

  await patient.page.click('#next');
  await patient.page.waitForURL('**/contact');
  await hears(patient.page, 'error');
  expect(await linkedNumber(patient.page)).toBe(number);

  // Who comes now does not even get the script.
  await late.page.goto(long.shop.url);
  await late.page.click('#next');
  await late.page.waitForURL('**/contact');
  expect(await linkedNumber(late.page)).toBe(long.site.target);
  for (const { errors } of [patient, hasty, late]) expect(errors).toEqual([]);
}, 90_000);

/** As the tables have it. The embedded database is the server's alone: there its word has to do. */
async function leasesInDatabase({ stores }: TestServer, session: Loose): Promise<number> {
  if (!stores.DATABASE_URL) return session.leases.length;
  const client = new pg.Client(stores.DATABASE_URL);
  await client.connect();
  const sql = 'select count(*)::int from leases where visitor_id = $1';
  const { rows } = await client.query(sql, [session.visitor_id]);
  await client.end();
  return rows[0].count;
}
