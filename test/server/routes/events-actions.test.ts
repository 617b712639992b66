import { beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../../server/lib/ids.js';
import { type Api, api } from '../../support/api.js';
import type { TestServer } from '../../support/server-process.js';
import { sharedServer } from '../../support/shared-server.js';
import { makeSite } from '../../support/site.js';
import { pageOf } from './page.js';
import { rowsOf } from './rows-of.js';

let server: TestServer;
let admin: Api;
beforeAll(async () => {
  server = await sharedServer('redis');
  admin = api(server.url, server.adminKey);
});

const start = (to: string, call_id: string = newId(), more: Record<string, unknown> = {}) =>
  admin.post('/v1/calls/start', { call_id, to, from: '+12125550140', ...more });

describe('a tap', () => {
  test('counts from the visitor who holds the number, stored before the reply', async () => {
    const site = await makeSite(admin);
    const page = pageOf(server.url, site);
    const { visitor, session, swaps } = (await page.view()).body;
    const number = swaps[0]?.number as string;
    const answer = await page.send({ type: 'tap', visitor, session, number });
    expect({ status: answer.status, body: answer.body }).toEqual({ status: 204, body: null });
    expect(await rowsOf(server, 'select * from taps where site_id = $1', [site.id])).toMatchObject([
      { visitor_id: visitor, session_id: session, lease_id: swaps[0]?.lease, number },
    ]);
  });

  test('of somebody else, of another number or without one is taken for nothing', async () => {
    const [site, other] = [await makeSite(admin), await makeSite(admin)];
    const page = pageOf(server.url, site);
    const { visitor, swaps } = (await page.view()).body;
    const number = swaps[0]?.number as string;
    const elsewhere = pageOf(server.url, other);
    const taps = [
      await page.send({ type: 'tap', visitor: newId(), number }),
      await page.send({ type: 'tap', number }),
      await page.send({ type: 'tap', visitor, number: site.target }),
      await page.send({ type: 'tap', visitor, number: 'not a number' }),
      await page.send({ type: 'tap', visitor, number: `sms:${number}` }),
      await page.send({ type: 'tap', visitor }),
      await elsewhere.send({ type: 'tap', visitor, number }),
    ];
    expect(taps.map(({ status }) => status)).toEqual(taps.map(() => 204));
    expect(await rowsOf(server, 'select * from taps where number = $1', [number])).toEqual([]);
  });
});

describe('a code', () => {
  test('is the same for the visitor and page, another on another page, and names them on the phone', async () => {
    const site = await makeSite(admin, { numbers: 2 });
    const page = pageOf(server.url, site);
    const { visitor, session } = (await page.view()).body;
    const first = await page.send({ type: 'code', visitor, session });
    expect(first.status).toBe(200);
    expect(first.body).toMatchObject({
      visitor,
      session,
      status: 'ok',
      code: expect.stringMatching(/^\d{4,8}$/),
    });
    expect(first.body.swaps).toHaveLength(1);
    expect((await page.send({ type: 'code', visitor })).body.code).toBe(first.body.code);
    const prices = { url: 'https://shop.example/prices' };
    const second = (await page.send({ type: 'code', visitor, page: prices })).body;
    expect(second.code).not.toBe(first.body.code);

    // Another visitor rings the number that nobody was shown; the code says who it is.
    const unseen = site.numbers.find((number) => number !== first.body.swaps[0]?.number) as string;
    const call = (await start(unseen)).body;
    expect(call.attribution).toMatchObject({ method: 'unknown', session_id: null });
    const named = await admin.post(`/v1/calls/${call.id}/code`, { code: first.body.code });
    expect(named.status).toBe(200);
    expect(named.body).toMatchObject({
      id: call.id,
      attribution: { method: 'code', visitor_id: visitor, session_id: session },
    });
    const { decisions } = (await admin.get(`/v1/calls/${call.id}`)).body;
    expect(decisions.map(({ method }: { method: string }) => method)).toEqual(['code', 'unknown']);
  });

  test('is not given to who is not known here', async () => {
    const [site, other] = [await makeSite(admin), await makeSite(admin)];
    const { visitor } = (await pageOf(server.url, other).view()).body;
    for (const stranger of [visitor, newId(), null]) {
      const { status, body } = await pageOf(server.url, site).send({ type: 'code', visitor: stranger });
      expect(status).toBe(200);
      expect(body).toMatchObject({ status: 'no_number', swaps: [] });
      expect(body).not.toHaveProperty('code');
    }
    expect(await rowsOf(server, 'select * from codes where site_id = $1', [site.id])).toEqual([]);
  });
});

describe('a lead', () => {
  const lead = {
    name: 'Anne',
    phone: '(202) 555-0199',
    email: 'anne@example.com',
    fields: { topic: 'boiler' },
  };

  test('is kept with the visit it came from', async () => {
    const site = await makeSite(admin);
    const page = pageOf(server.url, site);
    const { visitor, session } = (await page.view()).body;
    const answer = await page.send({ type: 'lead', visitor, session, lead });
    expect({ status: answer.status, body: answer.body }).toEqual({ status: 204, body: null });
    expect(await rowsOf(server, 'select * from leads where site_id = $1', [site.id])).toMatchObject([
      { visitor_id: visitor, session_id: session, type: 'form', ...lead, page_url: 'https://shop.example/' },
    ]);
  });

  test("is kept without a visitor where consent is missing, or the visitor is another site's", async () => {
    const [site, other] = [await makeSite(admin), await makeSite(admin)];
    const mine = (await pageOf(server.url, site).view()).body.visitor;
    const theirs = (await pageOf(server.url, other).view()).body.visitor;
    const page = pageOf(server.url, site);
    expect((await page.send({ type: 'lead', visitor: mine, consent: 'none', lead })).status).toBe(204);
    expect((await page.send({ type: 'lead', visitor: theirs, lead })).status).toBe(204);
    expect((await page.send({ type: 'lead', lead })).status).toBe(204);
    const leads = await rowsOf(server, 'select visitor_id, session_id from leads where site_id = $1', [
      site.id,
    ]);
    expect(leads).toEqual([1, 2, 3].map(() => ({ visitor_id: null, session_id: null })));
  });

  test('without anything in it is none', async () => {
    const site = await makeSite(admin);
    expect((await pageOf(server.url, site).send({ type: 'lead' })).status).toBe(204);
    expect(await rowsOf(server, 'select * from leads where site_id = $1', [site.id])).toEqual([]);
  });
});

describe('withdrawing', () => {
  test('ends the lease, and the visitor is no candidate for a call any more', async () => {
    const site = await makeSite(admin, { numbers: 1 });
    const page = pageOf(server.url, site);
    const { visitor, swaps } = (await page.view()).body;
    const number = swaps[0]?.number as string;
    expect((await start(number)).body.attribution.visitor_id).toBe(visitor);
    // The snippet says with it that there is no consent any more.
    expect((await page.send({ type: 'withdraw', visitor, consent: 'none' })).status).toBe(204);
    expect(await rowsOf(server, 'select end_reason from leases where visitor_id = $1', [visitor])).toEqual([
      { end_reason: 'withdrawn' },
    ]);
    const after = (await start(number, newId(), { from: '+12125550141' })).body;
    expect(after).toMatchObject({ session: null, attribution: { method: 'unknown', confidence: 0 } });
    expect(JSON.stringify(after)).not.toContain(visitor);
  });

  test("does nothing to another site's visitor", async () => {
    const [site, other] = [await makeSite(admin), await makeSite(admin)];
    const { visitor } = (await pageOf(server.url, other).view()).body;
    expect((await pageOf(server.url, site).send({ type: 'withdraw', visitor })).status).toBe(204);
    const [row] = await rowsOf(server, 'select ended_at from leases where visitor_id = $1', [visitor]);
    expect(row.ended_at).toBeNull();
  });
});
