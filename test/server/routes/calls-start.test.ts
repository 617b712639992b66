import { describe, expect, test } from 'vitest';
import { newId } from '../../../server/lib/ids.js';
import { api, type Loose } from '../../support/api.js';
import { forEachMode } from '../../support/for-each-mode.js';
import { makeSite } from '../../support/site.js';
import { expectProblem } from './expect-problem.js';
import { pageOf } from './page.js';

forEachMode('a call that comes in', ({ server }) => {
  const admin = () => api(server().url, server().adminKey);
  const start = (body: Loose) => admin().post('/v1/calls/start', { call_id: newId(), ...body });
  const callOf = async (id: string) => (await admin().get(`/v1/calls/${id}`)).body;

  test('is joined to the visit that was shown the number, with keyword, confidence and reasons', async () => {
    const site = await makeSite(admin());
    const url =
      'https://shop.example/?utm_source=google&utm_medium=cpc&utm_campaign=winter&utm_term=boiler+repair';
    const { visitor, session, swaps } = (await pageOf(server().url, site).view({ page: { url } })).body;
    const call_id = newId();
    const started = await start({ call_id, to: swaps[0]?.number, from: '+12125550123' });
    expect(started.status).toBe(200);
    const { id, attribution } = started.body;
    expect(started.body).toMatchObject({
      call_id,
      duplicate: false,
      session: { id: session, source: 'google', medium: 'cpc', campaign: 'winter', keyword: 'boiler repair' },
      route: { destination: site.destination, tracker_id: site.tracker.id },
      attribution: {
        method: 'recency',
        session_id: session,
        visitor_id: visitor,
        lease_id: swaps[0]?.lease,
        rule_version: expect.any(Number),
        decided_at: expect.any(String),
      },
    });
    expect(attribution.confidence).toBeGreaterThan(0.9);
    expect(attribution.reasons[0]).toMatchObject({
      code: 'recency',
      weight: expect.any(Number),
      detail: expect.any(String),
    });
    const sum = attribution.candidates.reduce((all: number, { probability }: Loose) => all + probability, 0);
    expect(sum).toBeCloseTo(1, 5);
    expect(attribution.candidates.at(-1)).toMatchObject({ session_id: null, visitor_id: null });
    expect(await callOf(id)).toMatchObject({
      id,
      call_id,
      provider: 'api',
      site_id: site.id,
      status: 'in_progress',
      customer_phone_number: '+12125550123',
      tracking_phone_number: swaps[0]?.number,
      business_phone_number: site.destination,
      source: 'google',
      keyword: 'boiler repair',
      first_call: true,
      assignment: 'exclusive',
      session: { id: session },
      page_views: [{ url }],
      lease: { number: swaps[0]?.number },
      decisions: [{ method: 'recency' }],
    });
  });

  test('to a number that nobody was shown is nobody’s', async () => {
    const site = await makeSite(admin());
    const { body } = await start({ to: site.numbers[0], from: '+12125550123' });
    expect(body).toMatchObject({
      session: null,
      attribution: { method: 'unknown', confidence: 0, session_id: null, visitor_id: null, lease_id: null },
    });
    expect(body.attribution.candidates).toMatchObject([{ probability: 1 }]);
  });

  test('told again gets the same answer; with another number it is a mistake', async () => {
    const site = await makeSite(admin());
    const body = { call_id: newId(), to: site.numbers[0], from: '+12125550123' };
    const first = (await start(body)).body;
    const again = await start(body);
    expect(again.body).toEqual({ ...first, duplicate: true });
    const before = await callOf(first.id);
    expectProblem(await start({ ...body, to: site.numbers[1] }), 409, 'call_mismatch');
    expect(await callOf(first.id)).toEqual(before);
    // Another provider may use the same id for a call of its own.
    const other = (await start({ ...body, provider: 'other', to: site.numbers[1] })).body;
    expect(other).toMatchObject({ duplicate: false });
    expect(other.id).not.toBe(first.id);
  });

  test('began when it is said to have begun, within 7 days before and a minute after', async () => {
    const site = await makeSite(admin());
    const began = async (offset: number) => {
      const started_at = new Date(Date.now() + offset).toISOString();
      const { id } = (await start({ to: site.numbers[0], started_at })).body;
      return { started_at, start_time: (await callOf(id)).start_time };
    };
    const hour = 3_600_000;
    for (const offset of [-2 * hour, -6.9 * 24 * hour, 30_000]) {
      const { started_at, start_time } = await began(offset);
      expect(Date.parse(start_time)).toBe(Date.parse(started_at));
    }
    for (const offset of [-7.1 * 24 * hour, hour, 365 * 24 * hour]) {
      const before = Date.now() - 60_000;
      const { start_time } = await began(offset);
      expect(Date.parse(start_time)).toBeGreaterThan(before);
      expect(Date.parse(start_time)).toBeLessThan(Date.now() + 60_000);
    }
  });

  describe('in a form', () => {
    test('with its pluses lost is read all the same, with all that is known of the caller', async () => {
      const site = await makeSite(admin());
      const to = site.numbers[0] as string;
      const form = `call_id=a%20b&to=${to}&from=+12125550123&caller_name=J%C3%B6rg+%26+Co&caller_city=Berlin&caller_state=BE&caller_country=DE`;
      const type = { 'content-type': 'application/x-www-form-urlencoded' };
      const started = await admin().post('/v1/calls/start', form, type);
      expect(started.body).toMatchObject({ call_id: 'a b', duplicate: false });
      expect(await callOf(started.body.id)).toMatchObject({
        tracking_phone_number: to,
        customer_phone_number: '+12125550123',
        customer_name: 'Jörg & Co',
        customer_city: 'Berlin',
        customer_state: 'BE',
        customer_country: 'DE',
      });
      const bare = new URLSearchParams({ call_id: 'bare', to: to.slice(1), from: 'anonymous' });
      const { id } = (await admin().post('/v1/calls/start', bare)).body;
      expect(await callOf(id)).toMatchObject({ tracking_phone_number: to, customer_phone_number: null });
    });
  });

  test('by a caller known from before is credited to them again', async () => {
    const site = await makeSite(admin());
    const from = '+12125550177';
    const { visitor, swaps } = (await pageOf(server().url, site).view()).body;
    await start({ to: swaps[0]?.number, from });
    const unseen = site.numbers.find((number) => number !== swaps[0]?.number);
    const { body } = await start({ to: unseen, from });
    expect(body.attribution).toMatchObject({ method: 'redial', visitor_id: visitor });
    expect(await callOf(body.id)).toMatchObject({ first_call: false, prior_calls: 1 });
  });
});
