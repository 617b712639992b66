import { beforeAll, describe, expect, test } from 'vitest';
import { numberPattern } from '../../../server/domain/settings/number-pattern.js';
import { newId } from '../../../server/lib/ids.js';
import { type Api, api, type Loose } from '../../support/api.js';
import type { TestServer } from '../../support/server-process.js';
import { sharedServer } from '../../support/shared-server.js';
import { makeSite, type TestSite } from '../../support/site.js';
import { pageOf } from './page.js';
import { countsOf } from './rows-of.js';

let server: TestServer;
let admin: Api;
beforeAll(async () => {
  server = await sharedServer('redis');
  admin = api(server.url, server.adminKey);
});

/** Tracking numbers that no pool of makeSite has. */
let used = 0;
const nextNumber = () => `+1303555${String(100 + used++).padStart(4, '0')}`;

async function addTracker(site: TestSite, tracker: Record<string, unknown>): Promise<Loose> {
  const body = { site_id: site.id, targets: [site.target], destination: site.destination, ...tracker };
  const made = await admin.post('/v1/trackers', { name: 'One more', ...body });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  return made.body;
}

const addSource = (site: TestSite, source: string, more: Record<string, unknown> = {}) =>
  addTracker(site, { type: 'source', source, numbers: [nextNumber()], ...more });

describe('a source tracker', () => {
  test('shows everybody its one number, without lease or end', async () => {
    const site = await makeSite(admin);
    const flyer = await addSource(site, 'flyer', { priority: 1 });
    for (const visitor of [newId(), newId()]) {
      const { body } = await pageOf(server.url, site).view({ visitor });
      expect(body).toMatchObject({ status: 'ok', renew_after: null });
      expect(body.swaps).toEqual([
        {
          target: site.target,
          number: flyer.numbers[0],
          display: expect.any(String),
          lease: null,
          expires_at: null,
          expires_in: null,
          assignment: 'source',
        },
      ]);
    }
  });

  test('catches those for whom the pool had no number', async () => {
    const site = await makeSite(admin, { numbers: 1 });
    const rest = await addSource(site, 'the rest', { priority: 200 });
    const page = pageOf(server.url, site);
    expect((await page.view()).body.swaps[0]).toMatchObject({ number: site.numbers[0] });
    const second = (await page.view()).body;
    expect(second).toMatchObject({
      status: 'ok',
      swaps: [{ number: rest.numbers[0], assignment: 'source' }],
    });
  });

  test('with a match is for those who came so, arrays meaning any of them, whatever the case', async () => {
    const site = await makeSite(admin, { numbers: 6 });
    const ads = await addSource(site, 'ads', {
      priority: 1,
      match: { source: ['GOOGLE', 'bing'], medium: 'cpc', landing_page: '/boilers' },
    });
    const page = pageOf(server.url, site);
    const numberAt = async (url: string) => (await page.view({ page: { url } })).body.swaps[0]?.number;
    expect(await numberAt('https://shop.example/boilers/new?utm_source=Google&utm_medium=CPC')).toBe(
      ads.numbers[0],
    );
    for (const url of [
      'https://shop.example/?utm_source=google&utm_medium=cpc',
      'https://shop.example/boilersuits?utm_source=google&utm_medium=cpc',
      'https://shop.example/boilers?utm_source=google&utm_medium=email',
      'https://shop.example/boilers?utm_source=yandex&utm_medium=cpc',
    ]) {
      expect(site.numbers, url).toContain(await numberAt(url));
    }
  });

  test('without consent is all there is, and nobody is stored', async () => {
    const site = await makeSite(admin);
    const page = pageOf(server.url, site);
    const visitor = newId();
    const none = (await page.view({ visitor, consent: 'none' })).body;
    expect(none).toEqual({ visitor: null, session: null, status: 'no_number', swaps: [], renew_after: null });
    const rest = await addSource(site, 'the rest', { priority: 200 });
    for (const type of ['view', 'renew', 'code'] as const) {
      const { status, body } = await page.send({ type, visitor, session: newId(), consent: 'none' });
      expect(status).toBe(200);
      expect(body, type).toMatchObject({ visitor: null, session: null, status: 'ok', renew_after: null });
      expect(body.swaps).toMatchObject([{ number: rest.numbers[0], lease: null }]);
      expect(body.code).toBeUndefined();
    }
    for (const type of ['tap', 'leave'] as const) {
      const answer = await page.send({ type, visitor, consent: 'none', number: rest.numbers[0] });
      expect(answer.status).toBe(204);
    }
    expect(Object.values(await countsOf(server, site.id)).every((count) => count === 0)).toBe(true);
  });
});

test('all targets of a session tracker share one lease', async () => {
  const second = nextNumber();
  const site = await makeSite(admin);
  const changed = await admin.patch(`/v1/trackers/${site.tracker.id}`, { targets: [site.target, second] });
  expect(changed.status).toBe(200);
  const { swaps } = (await pageOf(server.url, site).view({ found: [second, site.target, second] })).body;
  expect(swaps.map((swap) => swap.target).sort()).toEqual([site.target, second].sort());
  expect(new Set(swaps.map((swap) => swap.lease)).size).toBe(1);
  expect(new Set(swaps.map((swap) => swap.number)).size).toBe(1);
});

describe('of several trackers of a target', () => {
  test('the smallest priority comes first, and a live lease beats both', async () => {
    const site = await makeSite(admin);
    const page = pageOf(server.url, site);
    const visitor = newId();
    const first = (await page.view({ visitor })).body.swaps[0];
    const numbers = [nextNumber(), nextNumber()];
    const better = await addTracker(site, { type: 'session', numbers, priority: 1 });
    const flyer = await addSource(site, 'flyer', { priority: 50 });
    expect((await page.view({ visitor })).body.swaps[0]).toMatchObject({
      number: first?.number,
      lease: first?.lease,
    });
    expect((await page.send({ type: 'renew', visitor })).body.swaps[0]?.number).toBe(first?.number);
    const others = await Promise.all([newId(), newId()].map((id) => page.view({ visitor: id })));
    expect(new Set(others.map(({ body }) => body.swaps[0]?.number))).toEqual(new Set(better.numbers));
    expect((await page.view()).body.swaps[0]?.number).toBe(flyer.numbers[0]);
  });
});

describe('what gets no lease', () => {
  test('a page that shows no target of the site: no_target, and the visit counts all the same', async () => {
    const site = await makeSite(admin);
    for (const found of [[], ['+12125559999'], ['not a number', '']]) {
      const { status, body } = await pageOf(server.url, site).view({ found });
      expect(status).toBe(200);
      expect(body).toMatchObject({
        visitor: expect.any(String),
        session: expect.any(String),
        status: 'no_target',
        swaps: [],
        renew_after: null,
        ...numberPattern([site.target]),
      });
    }
    expect(await countsOf(server, site.id)).toMatchObject({
      visitors: 3,
      sessions: 3,
      page_views: 3,
      leases: 0,
    });
  });

  test('no storage: a lease of the minimum window only', async () => {
    const site = await makeSite(admin, {
      tracker: { reservation_seconds: 3600, min_reservation_seconds: 60 },
    });
    const { body } = await pageOf(server.url, site).view({ storage: false });
    expect(body).toMatchObject({ status: 'ok', renew_after: 30, swaps: [{ expires_in: 60 }] });
    const { leases } = (await admin.get(`/v1/sessions/${body.session}`)).body;
    expect(Date.parse(leases[0].reserved_until) - Date.parse(leases[0].leased_at)).toBe(60_000);
  });
});
