import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Api, api, type Loose } from '../../support/api.js';
import { startServer, type TestServer } from '../../support/server-process.js';
import { sharedBrowser } from '../../support/shared-browser.js';
import { sharedServer } from '../../support/shared-server.js';
import { makeSite } from '../../support/site.js';

const TARGET = '+12025550100';
const CAMPAIGN = 'utm_source=google&utm_medium=cpc&utm_campaign=winter&utm_term=boiler+repair';
const PERSON = {
  'user-agent':
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
};

let server: TestServer;
let open: Api;
let admin: Api;
beforeAll(async () => {
  server = await startServer({ mode: 'postgres', env: { DEMO: '1' } });
  open = api(server.url);
  admin = api(server.url, server.adminKey);
});
afterAll(() => server?.stop());

/** Somebody arrives on a site's page: the answer of the service. */
async function arrive(site: string, target: string, query = CAMPAIGN): Promise<Loose> {
  const page = { url: `${server.url}/demo/page?${query}`, referrer: '' };
  const { body } = await open.post('/v1/events', { type: 'view', site, page, found: [target] }, PERSON);
  expect(body.status).toBe('ok');
  return body;
}

/** Asks for a path as it stands; fetch would escape it. */
async function raw(path: string): Promise<string> {
  const { hostname, port } = new URL(server.url);
  const [answer] = await once(request({ hostname, port, path }).end(), 'response');
  return text(answer);
}

describe('the pages', () => {
  test('the plumber prints one number in three formats, and has one line of ours', async () => {
    for (const path of ['/demo/page', '/demo/page/prices']) {
      const { status, body, headers } = await open.get<string>(path);
      expect(status).toBe(200);
      expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
      for (const format of ['(202) 555-0100', '202.555.0100', '+1 202 555 0100', 'tel:+1-202-555-0100'])
        expect(body).toContain(format);
      expect(body.match(/<script[\s\S]*?<\/script>/g)).toEqual([
        `<script async src="${server.url}/dni/demo.js"></script>`,
      ]);
      const links = [...body.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, link]) => link ?? '');
      const elsewhere = links.filter((link) => /^(https?:)?\/\//.test(link));
      expect(elsewhere).toEqual([`${server.url}/dni/demo.js`]);
    }
    expect((await open.get('/demo/page')).body).toContain('href="page/prices"');
  });

  test('they load from here only and are framed by us only', async () => {
    for (const path of ['/demo', '/demo/page', '/demo/page/prices']) {
      const allowed = (await open.get(path)).headers.get('content-security-policy');
      expect(allowed).toContain(
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'",
      );
      expect(allowed).toContain("frame-ancestors 'self'");
      expect(allowed).not.toContain('unsafe');
    }
  });

  test('the frame passes its query on, as text', async () => {
    const html = async (path: string) => (await open.get<string>(path)).body;
    expect(await html('/demo')).toContain('src="demo/page"');
    expect(await html(`/demo?${CAMPAIGN}`)).toContain(`src="demo/page?${CAMPAIGN.replaceAll('&', '&amp;')}"`);
    const body = await raw(`/demo?a='"><script>alert(1)</script>{{script}}`);
    expect(body).not.toContain('<script>alert');
    expect(body.match(/<script /g)).toHaveLength(1);
  });

  test.each([
    '/demo/page/constructor',
    '/demo/page/..%2fframe',
    '/demo/assets/frame.html',
    '/demo/assets/x.js',
  ])('there is nothing at %s', async (path) => {
    const { status, body } = await open.get(path);
    expect([status, body.code]).toEqual([404, 'not_found']);
  });

  test('the API documentation does not show them', async () => {
    const { body } = await open.get('/docs/json');
    expect(Object.keys(body.paths).filter((path) => path.startsWith('/demo'))).toEqual([]);
  });
});

describe('a call', () => {
  test('to the number shown tells the visit, and how sure that is', async () => {
    const { swaps, session } = await arrive('demo', TARGET);
    const { status, body } = await open.post('/demo/call', { number: swaps[0].number, from: '+14155550187' });
    expect(status).toBe(200);
    expect(body.session).toMatchObject({
      source: 'google',
      medium: 'cpc',
      campaign: 'winter',
      keyword: 'boiler repair',
      landing_page_url: `${server.url}/demo/page?${CAMPAIGN}`,
    });
    expect(body.route.destination).toBe(TARGET);
    expect(body.attribution).toMatchObject({ method: 'recency', session_id: session });
    expect(body.attribution.confidence).toBeGreaterThan(0.9);
    expect(body.attribution.reasons[0].detail).not.toBe('');
    const { candidates } = body.attribution;
    expect(candidates[0]).toMatchObject({ session_id: session, session: { source: 'google' } });
    expect(candidates.reduce((sum: number, one: Loose) => sum + one.probability, 0)).toBeCloseTo(1, 5);
    // With these anybody could act as that visitor.
    expect(JSON.stringify(body)).not.toMatch(/visitor_id|lease_id/);

    const ended = await open.post(`/demo/calls/${body.id}/end`, { duration: 75 });
    expect(ended.body).toEqual({ id: body.id, status: 'answered', duration: 75 });
    const { calls } = (await open.get('/demo/calls')).body;
    expect(calls[0]).toMatchObject({
      caller: '0187',
      source: 'google',
      keyword: 'boiler repair',
      tracking_phone_number: swaps[0].number,
      status: 'answered',
      duration: 75,
    });
    expect(JSON.stringify(calls)).not.toContain('4155550187');
    const reported = await admin.get(`/v1/calls/${body.id}`);
    expect(reported.body).toMatchObject({
      provider: 'demo',
      status: 'answered',
      customer_phone_number: '+14155550187',
    });
  });

  test('to a number that nobody was shown is nobody’s', async () => {
    const { body } = await open.post('/demo/call', { number: '+12025550129' });
    expect(body).toMatchObject({ session: null, attribution: { method: 'unknown', confidence: 0 } });
  });

  test('to a number that is not the demo’s is refused and leaves no trace', async () => {
    const other = await makeSite(admin);
    const before = (await admin.get('/v1/calls')).body.calls.length;
    for (const number of [other.numbers[0], TARGET, '+4930123456']) {
      const { status, body } = await open.post('/demo/call', { number });
      expect([status, body.code]).toEqual([404, 'unknown_number']);
    }
    expect((await admin.get('/v1/calls')).body.calls).toHaveLength(before);
  });

  test('that a real provider told of is none of the demo’s', async () => {
    const other = await makeSite(admin);
    for (const to of [other.numbers[0], '+12025550128']) {
      const { body } = await admin.post('/v1/calls/start', { call_id: `real-${to}`, to });
      const ended = await open.post(`/demo/calls/${body.id}/end`, { duration: 1 });
      expect([ended.status, ended.body.code]).toEqual([404, 'not_found']);
      expect((await admin.get(`/v1/calls/${body.id}`)).body.status).toBe('in_progress');
    }
    const { calls } = (await open.get('/demo/calls')).body;
    expect(calls.map((call: Loose) => call.tracking_phone_number)).not.toContain('+12025550128');
  });

  test.each([
    [{}],
    [{ number: 5 }],
    [{ number: 'plumber' }],
    [{ number: '+12025550110', from: 'me' }],
    ['not json'],
  ])('by %j is not valid', async (body) => {
    const answer = await open.post('/demo/call', body, { 'content-type': 'application/json' });
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_request']);
  });

  test('of more than 4 kB, of no id, or longer than a day is refused', async () => {
    const long = await open.post('/demo/call', { number: '+12025550110', more: 'x'.repeat(5000) });
    expect(long.body.code).toBe('body_too_large');
    expect((await open.post('/demo/calls/1/end', { duration: 1 })).body.code).toBe('invalid_request');
    const { body } = await open.post('/demo/call', { number: '+12025550127' });
    for (const duration of [-1, 1.5, 86_401, '9'])
      expect((await open.post(`/demo/calls/${body.id}/end`, { duration })).body.code).toBe('invalid_request');
  });
});

describe('what is known of a visit', () => {
  test('is told to who knows both ids', async () => {
    const { visitor, session } = await arrive('demo', TARGET);
    const { body } = await open.get(`/demo/session?visitor=${visitor}&session=${session}`);
    expect(body).toMatchObject({
      id: session,
      source: 'google',
      keyword: 'boiler repair',
      page_view_count: 1,
    });
    expect(body).not.toHaveProperty('visitor_id');
    const other = await arrive('demo', TARGET);
    const mixed = await open.get(`/demo/session?visitor=${other.visitor}&session=${session}`);
    expect([mixed.status, mixed.body.code]).toEqual([404, 'not_found']);
    expect((await open.get(`/demo/session?visitor=${visitor}&session=1`)).body.code).toBe('invalid_request');
  });

  test('is never told of another site', async () => {
    const other = await makeSite(admin);
    const { visitor, session } = await arrive(other.key, other.target);
    const { status, body } = await open.get(`/demo/session?visitor=${visitor}&session=${session}`);
    expect([status, body.code]).toEqual([404, 'not_found']);
  });
});

describe('in a browser', () => {
  let context: BrowserContext;
  let page: Page;
  const errors: string[] = [];
  beforeAll(async () => {
    context = await (await sharedBrowser()).newContext();
    page = await context.newPage();
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    page.on('pageerror', (error) => errors.push(error.message));
  });
  afterAll(() => context?.close());

  const shown = () => page.frameLocator('#page').locator('a.phone').textContent();
  const untilSwapped = () =>
    page.waitForFunction(() => /555-01[12]\d$/.test(document.getElementById('shown')?.textContent ?? ''));

  test('the page shows a number, the call tells the keyword, the second page keeps the number', async () => {
    await page.goto(`${server.url}/demo?${CAMPAIGN}`);
    await untilSwapped();
    const number = await shown();
    expect(await page.textContent('#shown')).toBe(number);
    await page.waitForSelector('#visit dd');
    expect(await page.textContent('#visit')).toMatch(/google[\s\S]*cpc[\s\S]*winter[\s\S]*boiler repair/);
    expect(await page.textContent('#promise-left')).toMatch(/^[45]:\d\d$/);

    await page.click('#call-button');
    await page.waitForSelector('#verdict .source');
    expect(await page.textContent('#verdict')).toMatch(
      /google \/ cpc[\s\S]*winter[\s\S]*boiler repair[\s\S]*\d %[\s\S]*shown/,
    );
    await page.click('#hang-up');
    await page.waitForSelector('#log td:has-text("answered")');

    await page.frameLocator('#page').getByRole('link', { name: 'Prices', exact: true }).click();
    await page.waitForFunction(() => document.getElementById('visit')?.textContent?.includes('2, since'));
    expect(await shown()).toBe(number);
  });

  test('a new visitor gets another number, and a tap on it calls it', async () => {
    const before = await shown();
    await page.click('#new-visitor');
    await page.waitForFunction((old) => document.getElementById('shown')?.textContent !== old, before);
    await untilSwapped();
    expect(await shown()).not.toBe(before);
    await page.frameLocator('#page').locator('a.phone').click();
    await page.waitForSelector('#verdict .source');
    expect(await page.textContent('#verdict')).toContain('google / cpc');
    await page.click('#hang-up');
    await page.waitForSelector('#live', { state: 'hidden' });
  });

  test('nothing went wrong in the pages, nor was anything stopped by their policy', () => {
    expect(errors).toEqual([]);
  });
});

test('the tag names the public address, which the policy allows', async () => {
  const elsewhere = await startServer({
    mode: 'postgres',
    env: { DEMO: '1', PUBLIC_URL: 'https://numbers.example' },
  });
  try {
    const { body, headers } = await api(elsewhere.url).get<string>('/demo/page');
    expect(body).toContain('<script async src="https://numbers.example/dni/demo.js"></script>');
    const allowed = headers.get('content-security-policy');
    expect(allowed).toContain(
      "script-src 'self' https://numbers.example; connect-src 'self' https://numbers.example;",
    );
  } finally {
    await elsewhere.stop();
  }
});

test('without the demo site there is no demo', async () => {
  const plain = await sharedServer('postgres');
  for (const path of ['/demo', '/demo/page', '/demo/calls'])
    expect((await api(plain.url).get(path)).body.code).toBe('not_found');
});
