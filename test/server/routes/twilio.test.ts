import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Api, api } from '../../support/api.js';
import { startServer, type TestServer } from '../../support/server-process.js';
import { makeSite, type TestSite } from '../../support/site.js';
import { pageOf } from './page.js';
import { ringing, twilioSends } from './signed-by-twilio.js';

const TOKEN = 'token-of-twilio';
const BASE = '/v1/providers/twilio';
const sid = () => `CA${randomBytes(16).toString('hex')}`;

let server: TestServer;
let admin: Api;
let site: TestSite;
let number: string;
beforeAll(async () => {
  server = await startServer({ mode: 'postgres', env: { TWILIO_AUTH_TOKEN: TOKEN } });
  admin = api(server.url, server.adminKey);
  site = await makeSite(admin);
  number = site.numbers[0] as string;
});
afterAll(() => server?.stop());

const send = (path: string, params: Record<string, string>) =>
  twilioSends({ base: server.url, token: TOKEN }, `${BASE}/${path}`, params);
const voice = (callSid: string, more?: Record<string, string>) =>
  send('voice', ringing(callSid, number, more));
const status = (callSid: string, more: Record<string, string>) =>
  send('status', ringing(callSid, number, more));
const dial = (callSid: string, more: Record<string, string>) =>
  send('dial', ringing(callSid, number, { CallStatus: 'in-progress', ...more }));

async function callOf(callSid: string) {
  const { calls } = (await admin.get('/v1/calls?per_page=1000')).body;
  const found = calls.filter((call: { call_id: string }) => call.call_id === callSid);
  expect(found).toHaveLength(1);
  return found[0];
}

describe('a call that comes in at Twilio', () => {
  test('is put through to the destination, and Twilio is told where to say how that went', async () => {
    const answer = await voice(sid());
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^text\/xml/);
    expect(answer.body).toContain(`<Number>${site.destination}</Number>`);
    expect(answer.body).toContain(`action="${server.url}${BASE}/dial"`);
  });

  test('is joined to the visit, with what Twilio knows of the caller', async () => {
    const { session, swaps } = (await pageOf(server.url, site).view()).body;
    const callSid = sid();
    await send('voice', ringing(callSid, swaps[0]?.number as string, { CallerName: 'ANNE' }));
    expect(await callOf(callSid)).toMatchObject({
      provider: 'twilio',
      session_id: session,
      customer_phone_number: '+12125550123',
      customer_name: 'ANNE',
      customer_city: 'NEW YORK',
      customer_state: 'NY',
      customer_country: 'US',
      status: 'in_progress',
    });
  });

  test('told twice gets the same answer and is one call', async () => {
    const callSid = sid();
    const first = await voice(callSid);
    expect((await voice(callSid)).body).toBe(first.body);
    await callOf(callSid);
  });

  test('on a number that is not ours is told so and hung up', async () => {
    for (const to of ['+12125559999', site.target, 'sip:x@example.com', '']) {
      const answer = await send('voice', ringing(sid(), to));
      expect(answer.status).toBe(200);
      expect(answer.body).toMatch(/<Response><Say>.+<\/Say><Hangup\/><\/Response>/);
    }
  });

  test.each(['+266696687', 'anonymous', 'sip:anonymous@anonymous.invalid', '', '+0'])(
    'withheld: %j',
    async (From) => {
      const callSid = sid();
      expect((await voice(callSid, { From })).status).toBe(200);
      expect((await callOf(callSid)).customer_phone_number).toBeNull();
    },
  );

  test('with control characters in what Twilio passes on is put through all the same', async () => {
    const callSid = sid();
    const answer = await voice(callSid, {
      CallerName: 'A\u0000n\u0007ne',
      'Sip\u0000Header': '\u0000\ufffe',
    });
    expect(answer.status).toBe(200);
    expect(answer.body).toContain(`<Number>${site.destination}</Number>`);
    expect((await callOf(callSid)).customer_name).toBe('Anne');
  });
});

describe('how it ended', () => {
  const completed = { CallStatus: 'completed', CallDuration: '40', Duration: '1' };

  test('completed on the caller’s leg alone does not mean answered', async () => {
    const callSid = sid();
    await voice(callSid);
    const answer = await status(callSid, completed);
    expect({ status: answer.status, body: answer.body }).toMatchObject({ status: 200 });
    expect(answer.body).toContain('<Response></Response>');
    expect(await callOf(callSid)).toMatchObject({ status: 'missed', answered: false, duration: 40 });
  });

  test.each([
    ['completed', { DialCallDuration: '33' }, 'answered', 33],
    ['completed', { DialCallDuration: '33', DialBridged: 'false' }, 'missed', null],
    ['no-answer', {}, 'missed', null],
    ['busy', {}, 'busy', null],
    ['failed', {}, 'failed', null],
    ['canceled', {}, 'missed', null],
  ])('the dialled leg %s %j: %s', async (DialCallStatus, more, expected, talk_time) => {
    const callSid = sid();
    await voice(callSid);
    expect((await dial(callSid, { DialCallStatus, ...more } as Record<string, string>)).status).toBe(200);
    await status(callSid, completed);
    expect(await callOf(callSid)).toMatchObject({ status: expected, talk_time, duration: 40 });
  });

  test('is the same in whatever order the three come, and however often', async () => {
    const steps = [
      (callSid: string) => voice(callSid),
      (callSid: string) => dial(callSid, { DialCallStatus: 'completed', DialCallDuration: '33' }),
      (callSid: string) => status(callSid, completed),
    ];
    for (const order of ['012', '021', '102', '120', '201', '210', '0121', '2210']) {
      const callSid = sid();
      for (const at of order) expect((await steps[Number(at)]?.(callSid))?.status).toBe(200);
      expect({ order, ...(await callOf(callSid)) }).toMatchObject({
        order,
        status: 'answered',
        talk_time: 33,
        duration: 40,
        tracking_phone_number: number,
        customer_phone_number: '+12125550123',
      });
    }
  });

  test('is not said by a call that goes on, nor by a leg that we dialled', async () => {
    const callSid = sid();
    await voice(callSid);
    await status(callSid, { CallStatus: 'in-progress' });
    await status(sid(), { ...completed, ParentCallSid: callSid, Direction: 'outbound-dial' });
    expect(await callOf(callSid)).toMatchObject({ status: 'in_progress', duration: null });
  });
});
