import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../../../server/lib/ids.js';
import { api, type Loose } from '../../support/api.js';
import { startServer, type TestServer } from '../../support/server-process.js';
import { makeSite } from '../../support/site.js';
import { pageOf } from '../routes/page.js';
import { signatureOf, twilioSends } from '../routes/signed-by-twilio.js';
import { until } from '../routes/until.js';

const TOKEN = 'twilio-token-of-the-log-test';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ mode: 'redis', env: { LOG_LEVEL: 'trace', TWILIO_AUTH_TOKEN: TOKEN } });
});
afterAll(() => server?.stop());

const jsonLines = (): Loose[] =>
  server
    .stdout()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));

test('one JSON line a request, under the id that the answer carries', async () => {
  const admin = api(server.url, server.adminKey);
  const answers = [
    await admin.get('/v1/sites?per_page=3'),
    await admin.get('/nowhere'),
    await admin.get('/v1/calls/%E0%A4%A'),
    await admin.post('/v1/events', '{', { 'content-type': 'text/plain' }),
    await api(server.url).get('/v1/calls'),
    await pageOf(server.url, { key: 'nobody', target: '+12125550100' }).view(),
  ];
  const ids = answers.map(({ headers }) => headers.get('x-request-id'));
  expect(new Set(ids).size).toBe(answers.length);
  const lines = await until(
    () => jsonLines().filter((line) => line.msg === 'request' && ids.includes(line.id)),
    (found) => found.length >= answers.length,
  );
  expect(lines).toHaveLength(answers.length);
  for (const [at, answer] of answers.entries()) {
    expect(lines.find(({ id }) => id === ids[at])).toMatchObject({
      level: 30,
      time: expect.any(Number),
      method: expect.any(String),
      url: expect.any(String),
      status: answer.status,
      ms: expect.any(Number),
    });
    if (answer.status >= 400) expect(answer.body.instance).toBe(`urn:dni:request:${ids[at]}`);
  }
});

test('no phone number but its last four digits, no key and no secret, whatever happens', async () => {
  const admin = api(server.url, server.adminKey);
  const site = await makeSite(admin, {
    site: { providers: { twilio: { auth_token: 'token-of-the-site-itself' } } },
  });
  const { key } = (await admin.post('/v1/keys', { name: 'x', scopes: ['reports:read'] })).body;
  const [caller, number] = ['+12125550176', site.numbers[0] as string];
  const call_id = newId();
  await admin.post('/v1/calls/start', { call_id, to: number, from: caller });
  await admin.post('/v1/calls/start', { call_id, to: site.numbers[1], from: caller });
  await admin.post('/v1/calls/start', { call_id, to: caller, from: caller });
  await admin.post('/v1/numbers', { id: number, tracker_id: site.tracker.id });
  // What a list shows and no request takes is left out.
  const { id, created_at, retired_at, ...again } = site.tracker;
  await admin.post('/v1/trackers', { ...again, numbers: [number] });
  const spellings = [
    caller,
    caller.slice(1),
    encodeURIComponent(caller),
    '(212)%20555-0176',
    '%28212%29%20555%2D0176',
    '212.555.0176',
    '1%202125550176',
  ];
  for (const text of spellings) {
    await admin.get(`/v1/calls?q=${text}`);
    await admin.get(`/v1/numbers/${text}`);
    await admin.get(`/nowhere/${text}`);
    await admin.get(`/v1/calls?start_date=${text}`);
  }
  await api(server.url, key).get('/v1/calls');
  await api(server.url, key).get('/v1/sites');
  const lead = { name: 'Anne', phone: caller, email: 'anne@example.com' };
  const page = pageOf(server.url, site);
  const { visitor } = (await page.view({ page: { url: `https://shop.example/?phone=${caller}` } })).body;
  await page.send({ type: 'lead', visitor, lead });
  const params = { CallSid: 'CA1', To: number, From: caller };
  await twilioSends({ base: server.url, token: TOKEN }, '/v1/providers/twilio/voice', params);
  await twilioSends(
    { base: server.url, token: 'token-of-the-site-itself' },
    '/v1/providers/twilio/voice',
    params,
  );

  const last = (await admin.get('/v1/nothing')).headers.get('x-request-id') as string;
  await until(() => server.stdout().includes(last), Boolean);
  const log = server.stdout() + server.stderr();
  const signature = signatureOf(TOKEN, `${server.url}/v1/providers/twilio/voice`, params);
  for (const secret of [
    server.adminKey,
    key,
    TOKEN,
    'token-of-the-site',
    signature,
    'anne@example.com',
    'Anne',
  ])
    expect(log).not.toContain(secret);
  // Spelled in any way: the digits one after another, whatever stands between them.
  const digitsOnly = log
    .split('\n')
    .map((line) => line.replace(/"(id|time|ms|pid)":[^,}]+/g, ''))
    .map((line) => line.replace(/%(2[0-9a-f])/gi, '').replace(/[\s().\-+]/g, ''));
  for (const phone of [caller, ...site.numbers, site.target, site.destination]) {
    const national = phone.slice(2);
    for (const line of digitsOnly) expect(line).not.toContain(national);
  }
  expect(log).toContain('0176');
});
