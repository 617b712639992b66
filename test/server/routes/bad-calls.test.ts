import { beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../../server/lib/ids.js';
import { type Api, api, type Loose } from '../../support/api.js';
import type { TestServer } from '../../support/server-process.js';
import { sharedServer } from '../../support/shared-server.js';
import { makeSite, type TestSite } from '../../support/site.js';
import { expectInvalid, expectProblem } from './expect-problem.js';
import { countsOf, rowsOf } from './rows-of.js';

let server: TestServer;
let admin: Api;
let site: TestSite;
let number: string;
beforeAll(async () => {
  server = await sharedServer('postgres');
  admin = api(server.url, server.adminKey);
  site = await makeSite(admin, { numbers: 1 });
  number = site.numbers[0] as string;
});

const counts = () => countsOf(server, site.id, ['calls', 'call_events', 'attributions']);
const start = (body: Loose) => admin.post('/v1/calls/start', { call_id: newId(), to: number, ...body });
const end = (body: Loose) =>
  admin.post('/v1/calls/end', { call_id: newId(), to: number, status: 'answered', duration: 5, ...body });
const callOf = async (id: string) => (await admin.get(`/v1/calls/${id}`)).body;

describe('what is not a call is refused, and nothing of it is stored', () => {
  test.each<[string, Loose]>([
    ['no id', { call_id: undefined }],
    ['an empty id', { call_id: ' \u0000 ' }],
    ['an id that is a number', { call_id: 5 }],
    ['an id too long', { call_id: 'x'.repeat(129) }],
    ['a provider too long', { provider: 'x'.repeat(41) }],
    ['no number called', { to: undefined }],
    ['a word', { to: 'anonymous' }],
    ['a national number', { to: '(202) 555-0100' }],
    ['a number too long', { to: `+${'1'.repeat(30)}` }],
    ['a number that is a number', { to: 12025550100 }],
    ['a list of numbers', { to: ['+12025550100'] }],
    ['a date that is none', { started_at: 'yesterday' }],
    ['a date without offset', { started_at: '2026-01-01T00:00:00' }],
    ['30 February', { started_at: '2026-02-30T00:00:00Z' }],
    ['a date that is a number', { started_at: 1_800_000_000 }],
    ['a provider with blanks', { provider: 'my provider' }],
    ['a provider that is null', { provider: null }],
    ['a name that is a number', { caller_name: 7 }],
  ])('a start with %s', async (_name, body) => {
    const before = await counts();
    expectProblem(await start(body), 400, 'invalid_request');
    expect(await counts()).toEqual(before);
  });

  test.each<[string, Loose]>([
    ['an id too long', { call_id: 'x'.repeat(129) }],
    ['no status', { status: undefined }],
    ['a status of another kind', { status: 'completed' }],
    ['no duration', { duration: undefined }],
    ['a duration that is null', { duration: null }],
    ['a duration that is a list', { duration: [5] }],
    ['a duration that is true', { duration: true }],
    ['an empty duration', { duration: '' }],
    ['a duration in words', { duration: 'long' }],
    ['a negative duration', { duration: -1 }],
    ['half a second', { duration: 0.5 }],
    ['a duration beyond all calls', { duration: 1e300 }],
    ['a duration in hex', { duration: '0x10' }],
    ['a negative talk time', { talk_time: -5 }],
    ['a recording that is no URL', { recording_url: 'here' }],
    ['a recording that is a script', { recording_url: 'javascript:alert(1)' }],
  ])('an end with %s', async (_name, body) => {
    const before = await counts();
    expectProblem(await end(body), 400, 'invalid_request');
    expect(await counts()).toEqual(before);
  });

  test('a code too long, or none', async () => {
    const { id } = (await start({})).body;
    const before = await counts();
    for (const code of ['1'.repeat(33), '', '\u0000', 1, undefined]) {
      expectInvalid(await admin.post(`/v1/calls/${id}/code`, { code }), 'code');
    }
    expect(await counts()).toEqual(before);
  });

  test.each(['none', newId(), '%00', newId().slice(1)])('a code for a call that is not: %s', async (id) => {
    expectProblem(await admin.post(`/v1/calls/${id}/code`, { code: '1' }), 404, 'not_found');
  });

  test('the fields that were wrong are named', async () => {
    expectInvalid(await start({ to: 'x', started_at: 'x' }), 'to', 'started_at');
  });

  test('a number that is not ours', async () => {
    // Other files tell of ends at numbers that are nobody's.
    const strays = () => rowsOf(server, 'select id from call_events where site_id is null order by id');
    const [before, straysBefore] = [await counts(), await strays()];
    expectProblem(await start({ to: '+12125559999' }), 404, 'unknown_number');
    expectProblem(await start({ to: site.target }), 404, 'unknown_number');
    expect(await counts()).toEqual(before);
    expect(await strays()).toEqual(straysBefore);
  });

  test.each(['/v1/calls/start', '/v1/calls/end'])('bodies that cannot be read at %s', async (path) => {
    const json = { 'content-type': 'application/json' };
    expectProblem(await admin.post(path, '{', json), 400, 'invalid_request');
    expectProblem(await admin.post(path, '', json), 400, 'invalid_request');
    expectProblem(await admin.post(path), 400, 'invalid_request');
    expectProblem(await admin.post(path, '{"__proto__":{}}', json), 400, 'invalid_request');
    expectProblem(await admin.post(path, '['.repeat(30_000), json), 400, 'invalid_request');
    const deep = `{"call_id":"x","to":"${number}","status":"busy","duration":1,"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
    expectProblem(await admin.post(path, deep, json), 400, 'invalid_request');
    expectProblem(await admin.post(path, 'x'.repeat(70_000), json), 413, 'body_too_large');
    expectProblem(
      await admin.post(path, '<a/>', { 'content-type': 'text/xml' }),
      415,
      'unsupported_media_type',
    );
  });
});

describe('what is odd but can be read is taken sanely', () => {
  test.each([
    undefined,
    null,
    '',
    ' ',
    'anonymous',
    'Restricted',
    'UNKNOWN',
    'private',
    '+266696687',
    '266696687',
    'sip:anonymous@anonymous.invalid',
    '0',
    '+0',
    7,
    {},
    [],
    ['+12125550123'],
    `+${'9'.repeat(40)}`,
  ])('a withheld caller: %j', async (from) => {
    const { status, body } = await start({ from });
    expect(status).toBe(200);
    expect(await callOf(body.id)).toMatchObject({ customer_phone_number: null, prior_calls: 0 });
  });

  test.each([
    ['+12125550123', '+12125550123'],
    ['12125550123', '+12125550123'],
    [' 12125550123', '+12125550123'],
    ['sip:+12125550123@example.com', '+12125550123'],
    ['+442079460123', '+442079460123'],
  ])('a caller %j is %s', async (from, stored) => {
    expect((await callOf((await start({ from })).body.id)).customer_phone_number).toBe(stored);
  });

  test('ids as long as may be are told apart by their last character', async () => {
    const common = newId().padEnd(127, 'x');
    const one = await start({ call_id: `${common}1` });
    const other = await start({ call_id: `${common}2` });
    expect([one.status, other.status]).toEqual([200, 200]);
    expect(other.body).toMatchObject({ call_id: `${common}2`, duplicate: false });
    expect(other.body.id).not.toBe(one.body.id);
  });

  test.each([
    ['NUL', 'a\u0000b'],
    ['a tab', 'a\tb'],
    ['a line break and blanks around', ' \r\na\r\nb\u0085 '],
    ['half of a pair', 'a\ud800b'],
  ])('an id with %s is the same at the start and at the end', async (_name, odd) => {
    const call_id = `${newId()}${odd}`;
    const started = (await start({ call_id })).body;
    expect(await end({ call_id })).toMatchObject({
      status: 200,
      body: { id: started.id, call_id: started.call_id },
    });
    const form = new URLSearchParams({ call_id, status: 'busy', duration: '1' });
    expect((await admin.post('/v1/calls/end', form)).body).toMatchObject({ id: started.id });
  });

  test('times of forms whose + was not escaped', async () => {
    const call_id = newId();
    const [at, over] = [Date.now() - 3_600_000, Date.now() - 3_000_000];
    const local = (time: number) => new Date(time + 2 * 3_600_000).toISOString().replace('Z', '+02:00');
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = `call_id=${call_id}&to=${number}&started_at=${local(at)}`;
    const { id } = (await admin.post('/v1/calls/start', body, headers)).body;
    const ended = await admin.post(
      '/v1/calls/end',
      `call_id=${call_id}&status=answered&duration=600&ended_at=${local(over)}`,
      headers,
    );
    expect(ended).toMatchObject({ status: 200, body: { id } });
    const kept = await rowsOf(server, 'select started_at, ended_at from calls where id = $1', [id]);
    expect(kept).toEqual([{ started_at: new Date(at), ended_at: new Date(over) }]);
    const blank = local(Date.now()).replace('T', ' ').replace('+', ' ');
    expectInvalid(await start({ started_at: blank }), 'started_at');
  });

  test('NUL, control characters and halves of pairs in texts and in a recording', async () => {
    const odd = 'A\u0000n\u0007n\ud800e';
    const call_id = `id-\u0000${odd}`;
    const started = await start({
      call_id,
      caller_name: odd,
      caller_city: odd,
      caller_state: odd,
      [odd]: odd,
    });
    expect(started.status).toBe(200);
    const ended = await end({
      call_id,
      keypad: odd,
      recording_url: 'https://a.example/\u0000\ud800',
      [odd]: odd,
    });
    if (ended.status !== 200) expectInvalid(ended, 'recording_url');
    expect((await end({ call_id, keypad: odd })).body).toMatchObject({
      id: started.body.id,
      status: 'answered',
    });
    expect((await callOf(started.body.id)).customer_name).toMatch(/^Ann.?e$/u);
    const code = await admin.post(`/v1/calls/${started.body.id}/code`, { code: odd });
    expect(code.status).toBe(200);
  });

  test.each(['0000-01-01T00:00:00Z', '0001-01-01T00:00:00Z', '1970-01-01T00:00:00Z', '9999-12-31T23:59:59Z'])(
    'an end at %s without a start: the call was not then',
    async (ended_at) => {
      const { status, body } = await end({ ended_at, duration: 60 });
      expect(status).toBe(200);
      const call = await callOf(body.id);
      const age = Date.now() - Date.parse(call.start_time);
      expect(age).toBeGreaterThan(0);
      expect(age).toBeLessThan(8 * 86_400_000);
    },
  );
});
