import { beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../../server/lib/ids.js';
import { type Api, api, type Loose } from '../../support/api.js';
import type { TestServer } from '../../support/server-process.js';
import { sharedServer } from '../../support/shared-server.js';
import { makeSite, type TestSite } from '../../support/site.js';
import { pageOf } from './page.js';
import { rowsOf } from './rows-of.js';

let server: TestServer;
let admin: Api;
let site: TestSite;
let to: string;
beforeAll(async () => {
  server = await sharedServer('postgres');
  admin = api(server.url, server.adminKey);
  site = await makeSite(admin, { numbers: 2 });
  to = site.numbers[0] as string;
});

const start = (call_id: string, body: Loose = {}) => admin.post('/v1/calls/start', { call_id, to, ...body });
const end = (call_id: string, body: Loose = {}) =>
  admin.post('/v1/calls/end', { call_id, status: 'answered', duration: 95, ...body });
const callOf = async (id: string) => (await admin.get(`/v1/calls/${id}`)).body;
const eventsOf = (call_id: string) =>
  rowsOf(
    server,
    'select type, site_id, body from call_events where provider_call_id = $1 order by received_at',
    [call_id],
  );

describe('the end of a call', () => {
  test.each([
    ['answered', true, false],
    ['missed', false, false],
    ['busy', false, false],
    ['failed', false, false],
    ['voicemail', false, true],
  ])('%s is kept with all that came with it', async (status, answered, voicemail) => {
    const call_id = newId();
    const { id } = (await start(call_id)).body;
    const recording_url = 'https://recordings.example/1?a=b';
    const ended = await end(call_id, { status, talk_time: 80, recording_url, keypad: '12#' });
    expect(ended).toMatchObject({ status: 200, body: { id, call_id, status } });
    expect(await callOf(id)).toMatchObject({ status, answered, voicemail, duration: 95, talk_time: 80 });
    expect(JSON.stringify((await callOf(id)).recording)).toContain(recording_url);
    expect((await eventsOf(call_id)).map(({ type }) => type)).toEqual(['start', 'end']);
  });

  test('before the start is kept without a call, and counts when the start comes', async () => {
    const call_id = newId();
    expect((await end(call_id)).body).toEqual({ id: null, call_id, status: 'answered' });
    const { id } = (await start(call_id)).body;
    expect(await callOf(id)).toMatchObject({ status: 'answered', duration: 95 });
  });

  test('with the number called makes the call by itself; the start that follows is part of it', async () => {
    const call_id = newId();
    const ended = (await end(call_id, { to })).body;
    expect(ended).toMatchObject({ id: expect.any(String), status: 'answered' });
    expect(await callOf(ended.id)).toMatchObject({
      status: 'answered',
      duration: 95,
      customer_phone_number: null,
    });
    const started = (await start(call_id, { from: '+12125550123' })).body;
    expect(started.id).toBe(ended.id);
    expect(await callOf(ended.id)).toMatchObject({
      status: 'answered',
      customer_phone_number: '+12125550123',
    });
  });

  test('told twice, also differently and late, is one end', async () => {
    const call_id = newId();
    const { id } = (await start(call_id)).body;
    await end(call_id, { status: 'missed', duration: 5 });
    await end(call_id, { status: 'answered', duration: 95 });
    const once = await callOf(id);
    expect(once).toMatchObject({ status: 'answered', duration: 95 });
    expect((await end(call_id, { status: 'missed', duration: 5 })).body.status).toBe('answered');
    expect(await callOf(id)).toEqual(once);
    expect(await eventsOf(call_id)).toHaveLength(4);
    expect(
      (await admin.get(`/v1/calls?q=${to.slice(1)}`)).body.calls.filter((call: Loose) => call.id === id),
    ).toHaveLength(1);
  });

  test('of a number that is not ours is kept and answered without a call', async () => {
    const call_id = newId();
    const ended = await end(call_id, { to: '+12125559999' });
    expect(ended).toMatchObject({ status: 200, body: { id: null, call_id, status: 'answered' } });
    expect(await eventsOf(call_id)).toMatchObject([{ type: 'end', site_id: null }]);
  });

  test('in a form', async () => {
    const call_id = newId();
    const { id } = (await start(call_id)).body;
    const form = new URLSearchParams({ call_id, status: 'answered', duration: '61', talk_time: '60' });
    expect((await admin.post('/v1/calls/end', form)).body).toEqual({ id, call_id, status: 'answered' });
    expect(await callOf(id)).toMatchObject({ duration: 61, talk_time: 60 });
  });

  test('may carry the code that the caller keyed in', async () => {
    const page = pageOf(server.url, site);
    const { visitor, session } = (await page.view()).body;
    const { code } = (await page.send({ type: 'code', visitor })).body;
    const call_id = newId();
    const other = site.numbers[1];
    const { id } = (await start(call_id, { to: other })).body;
    await end(call_id, { keypad: code });
    expect((await callOf(id)).attribution).toMatchObject({
      method: 'code',
      visitor_id: visitor,
      session_id: session,
    });
  });
});

test('what people wrote on a call stays when more is heard of it', async () => {
  const call_id = newId();
  const { id } = (await start(call_id, { caller_name: 'ANNE' })).body;
  const note = {
    note: 'Rang about\nthe boiler',
    tags: ['boiler'],
    value: 120.5,
    lead_status: 'good_lead',
    customer_name: 'Anne',
  };
  expect(await admin.patch(`/v1/calls/${id}`, note)).toMatchObject({ status: 200, body: note });
  await end(call_id);
  expect(await callOf(id)).toMatchObject({ ...note, status: 'answered' });
});

test('every event is kept as it was sent, with what we do not know of it', async () => {
  const call_id = newId();
  await start(call_id, { from: 'anonymous', queue: { name: 'Sales', 'a\u0000b': '\ud800 \\u0000' } });
  await admin.post(
    '/v1/calls/end',
    new URLSearchParams({ call_id, status: 'missed', duration: '5', reason: 'x' }),
  );
  expect((await eventsOf(call_id)).map(({ body }) => body)).toEqual([
    { call_id, to, from: 'anonymous', queue: { name: 'Sales', 'a\ufffdb': '\ufffd \\u0000' } },
    { call_id, status: 'missed', duration: '5', reason: 'x' },
  ]);
});
