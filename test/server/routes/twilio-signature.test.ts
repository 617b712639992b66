import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Api, api } from '../../support/api.js';
import { startServer, type TestServer } from '../../support/server-process.js';
import { makeSite, type TestSite } from '../../support/site.js';
import { expectProblem } from './expect-problem.js';
import { rowsOf } from './rows-of.js';
import { ringing, signatureOf, twilioSends } from './signed-by-twilio.js';

const PUBLIC_URL = 'https://dni.shop.example';
const BASE = '/v1/providers/twilio';
const OLD = 'old-token-of-all';
const NEW = 'new-token-of-all';
const sid = () => `CA${randomBytes(16).toString('hex')}`;

let server: TestServer;
let admin: Api;
let site: TestSite;
let number: string;
beforeAll(async () => {
  const env = { PUBLIC_URL: `${PUBLIC_URL}/`, TWILIO_AUTH_TOKEN: `${OLD}, ${NEW}` };
  server = await startServer({ mode: 'postgres', env });
  admin = api(server.url, server.adminKey);
  site = await makeSite(admin);
  number = site.numbers[0] as string;
});
afterAll(() => server?.stop());

const from = (token?: string) => ({ base: server.url, publicUrl: PUBLIC_URL, token });
const stored = (callSid: string) =>
  rowsOf(server, 'select type from call_events where provider_call_id = $1', [callSid]);

describe('a webhook', () => {
  test.each([OLD, NEW])('signed with one of the tokens is taken (%s)', async (token) => {
    const callSid = sid();
    expect((await twilioSends(from(token), `${BASE}/voice`, ringing(callSid, number))).status).toBe(200);
    expect(await stored(callSid)).toEqual([{ type: 'start' }]);
  });

  test.each(['voice', 'status', 'dial'])(
    'to /%s without a fitting signature is refused, nothing stored',
    async (path) => {
      const callSid = sid();
      const params = ringing(callSid, number, { CallStatus: 'completed', DialCallStatus: 'completed' });
      const url = `${PUBLIC_URL}${BASE}/${path}`;
      const good = signatureOf(NEW, url, params);
      const wrong = [
        undefined,
        '',
        'x',
        good.slice(0, -2),
        signatureOf('another-token', url, params),
        signatureOf('', url, params),
        signatureOf(`${OLD}, ${NEW}`, url, params),
        signatureOf(NEW, url, { ...params, From: '+12125550124' }),
        signatureOf(NEW, `${server.url}${BASE}/${path}`, params),
        signatureOf(NEW, `${url}?x=1`, params),
      ];
      for (const signature of wrong) {
        const answer = await twilioSends(from(), `${BASE}/${path}`, params, signature);
        expectProblem(answer, 403, 'bad_signature');
      }
      expect(await stored(callSid)).toEqual([]);
      expect(await rowsOf(server, 'select from calls where provider_call_id = $1', [callSid])).toEqual([]);
      expect((await twilioSends(from(), `${BASE}/${path}`, params, good)).status).toBe(200);
    },
  );

  test('with a query is signed with it', async () => {
    const path = `${BASE}/voice?shop=a%20b&x=1`;
    expect((await twilioSends(from(NEW), path, ringing(sid(), number))).status).toBe(200);
  });

  test('that is no form is refused', async () => {
    const headers = { 'x-twilio-signature': 'x' };
    for (const body of [undefined, '', { CallSid: 1 }, '{']) {
      const answer = await api(server.url).post(`${BASE}/voice`, body, headers);
      expect([400, 403, 415]).toContain(answer.status);
    }
  });
});

describe('a site with a secret of its own', () => {
  const twilio = { account_sid: 'AC00000000000000000000000000000009', auth_token: 'token-of-the-site' };
  const own = { AccountSid: twilio.account_sid };

  test('takes that one only, and only for its numbers', async () => {
    const theirs = await makeSite(admin, { site: { providers: { twilio } } });
    const to = theirs.numbers[0] as string;
    const ring = (token: string, params: Record<string, string>) =>
      twilioSends(from(token), `${BASE}/voice`, params);
    expect((await ring(twilio.auth_token, ringing(sid(), to, own))).status).toBe(200);
    expectProblem(await ring(NEW, ringing(sid(), to, own)), 403, 'bad_signature');
    expectProblem(await ring(twilio.auth_token, ringing(sid(), to)), 403, 'bad_signature');
    expectProblem(await ring(twilio.auth_token, ringing(sid(), number, own)), 403, 'bad_signature');
  });

  test('is told of a number that is not ours, where the account and its secret fit', async () => {
    const account = 'AC00000000000000000000000000000010';
    const secret = (auth_token: string) => ({ providers: { twilio: { account_sid: account, auth_token } } });
    const theirs = await makeSite(admin, { site: secret('one-of-two') });
    await makeSite(admin, { site: secret('two-of-two') });
    const ring = (token: string, params: Record<string, string>, path = 'voice') =>
      twilioSends(from(token), `${BASE}/${path}`, params);
    for (const to of ['+12125559999', 'sip:x@example.com']) {
      for (const token of ['one-of-two', 'two-of-two', NEW]) {
        const answer = await ring(token, ringing(sid(), to, { AccountSid: account }));
        expect(answer.status).toBe(200);
        expect(answer.body).toMatch(/<Response><Say>.+<\/Say><Hangup\/><\/Response>/);
      }
      const callSid = sid();
      const ours = ringing(callSid, to, { AccountSid: account });
      expectProblem(await ring('three', ours), 403, 'bad_signature');
      expectProblem(await ring('one-of-two', ringing(callSid, to, own)), 403, 'bad_signature');
      expectProblem(await ring('one-of-two', ringing(callSid, to)), 403, 'bad_signature');
      expect(await stored(callSid)).toEqual([]);
    }
    // Its word is that of its site: the calls of others stay as they are.
    const callSid = sid();
    await ring(NEW, ringing(callSid, number));
    const over = { AccountSid: account, CallStatus: 'busy', CallDuration: '5', DialCallStatus: 'busy' };
    for (const path of ['status', 'dial']) {
      expect((await ring('one-of-two', ringing(callSid, '', over), path)).status).toBe(200);
    }
    const rows = await rowsOf(
      server,
      'select site_id, type from call_events where provider_call_id = $1 order by received_at',
      [callSid],
    );
    expect(rows).toEqual([
      { site_id: site.id, type: 'start' },
      { site_id: theirs.id, type: 'end' },
      { site_id: theirs.id, type: 'dial' },
    ]);
  });

  test('changes it at once', async () => {
    const theirs = await makeSite(admin, { site: { providers: { twilio: { auth_token: 'first' } } } });
    const ring = async (token: string) =>
      (await twilioSends(from(token), `${BASE}/voice`, ringing(sid(), theirs.numbers[0] as string))).status;
    expect(await ring('first')).toBe(200);
    await admin.patch(`/v1/sites/${theirs.id}`, { providers: { twilio: { auth_token: 'second' } } });
    expect([await ring('first'), await ring('second')]).toEqual([403, 200]);
    await admin.patch(`/v1/sites/${theirs.id}`, { providers: {} });
    expect([await ring('second'), await ring(NEW)]).toEqual([403, 200]);
  });

  test('cannot speak of the calls of another', async () => {
    const theirs = await makeSite(admin, { site: { providers: { twilio: { auth_token: 'theirs' } } } });
    const callSid = sid();
    await twilioSends(from(NEW), `${BASE}/voice`, ringing(callSid, number));
    const end = ringing(callSid, theirs.numbers[0] as string, { CallStatus: 'busy', CallDuration: '5' });
    expect((await twilioSends(from('theirs'), `${BASE}/status`, end)).status).toBe(200);
    const { calls } = (await admin.get(`/v1/calls?site_id=${site.id}`)).body;
    const call = calls.find((row: { call_id: string }) => row.call_id === callSid);
    expect(call).toMatchObject({ status: 'in_progress' });
  });
});
