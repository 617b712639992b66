import { beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../../server/lib/ids.js';
import { type Api, api, type Loose } from '../../support/api.js';
import type { TestServer } from '../../support/server-process.js';
import { sharedServer } from '../../support/shared-server.js';
import { makeSite, type TestSite } from '../../support/site.js';
import { expectInvalid, expectProblem } from './expect-problem.js';
import { rowsOf } from './rows-of.js';

let server: TestServer;
let admin: Api;
let site: TestSite;
beforeAll(async () => {
  server = await sharedServer('postgres');
  admin = api(server.url, server.adminKey);
  site = await makeSite(admin);
});

let used = 0;
const nextNumber = () => `+1305555${String(100 + used++).padStart(4, '0')}`;
const make = (body: Loose) =>
  admin.post('/v1/trackers', {
    site_id: site.id,
    name: 'Pool',
    type: 'session',
    targets: ['+12125550190'],
    destination: '+12125550191',
    ...body,
  });
const numbersOf = async (trackerId: string) =>
  rowsOf(
    server,
    'select number, retired_at is not null as retired from numbers where tracker_id = $1 order by 1',
    [trackerId],
  );

describe('a tracker', () => {
  test('fills in what is left out', async () => {
    const numbers = [nextNumber(), nextNumber()];
    const made = await make({ numbers });
    expect(made.status).toBe(201);
    expect(made.body).toEqual({
      id: expect.any(String),
      site_id: site.id,
      name: 'Pool',
      type: 'session',
      targets: ['+12125550190'],
      destination: '+12125550191',
      numbers,
      match: {},
      priority: 100,
      reservation_seconds: 1800,
      min_reservation_seconds: 300,
      attribution_days: 30,
      source: null,
      medium: null,
      campaign: null,
      created_at: expect.any(String),
      retired_at: null,
    });
    expect((await admin.get(`/v1/trackers/${made.body.id}`)).body).toEqual(made.body);
    expect((await make({ reservation_seconds: 60 })).body.min_reservation_seconds).toBe(60);
  });

  test('takes numbers however they are written in E.164, each once', async () => {
    const [first, second] = [nextNumber(), nextNumber()];
    const written = [
      first,
      first.slice(1),
      ` ${first.slice(1)}`,
      `${second.slice(0, 2)} (${second.slice(2, 5)}) ${second.slice(5, 8)}-${second.slice(8)}`,
    ];
    const { body } = await make({ numbers: written, targets: [' 12125550192'], destination: '12125550191' });
    expect(body).toMatchObject({
      numbers: [first, second],
      targets: ['+12125550192'],
      destination: '+12125550191',
    });
  });

  test('a change touches only what it names', async () => {
    const { body } = await make({ numbers: [nextNumber()], match: { source: ['google', 'bing'] } });
    const changed = await admin.patch(`/v1/trackers/${body.id}`, { priority: 5 });
    expect(changed).toMatchObject({ status: 200 });
    expect(changed.body).toEqual({ ...body, priority: 5 });
    expect((await admin.patch(`/v1/trackers/${body.id}`, {})).body).toEqual({ ...body, priority: 5 });
  });

  test('a list of numbers replaces the one before: the others are retired, and come back when named again', async () => {
    const [a, b, c] = [nextNumber(), nextNumber(), nextNumber()] as const;
    const { id } = (await make({ numbers: [a, b] })).body;
    expect((await admin.patch(`/v1/trackers/${id}`, { numbers: [b, c] })).body.numbers).toEqual([b, c]);
    expect(await numbersOf(id)).toEqual([
      { number: a, retired: true },
      { number: b, retired: false },
      { number: c, retired: false },
    ]);
    expect((await admin.get(`/v1/trackers/${id}/pool`)).body).toMatchObject({ numbers: 2, retired: 1 });
    expect((await admin.patch(`/v1/trackers/${id}`, { numbers: [a] })).body.numbers).toEqual([a]);
    expect((await admin.patch(`/v1/trackers/${id}`, { numbers: [] })).body.numbers).toEqual([]);
  });
});

describe('a number in use elsewhere', () => {
  test('is refused, and nothing of the change is kept', async () => {
    const [free, taken] = [nextNumber(), nextNumber()];
    const { id } = (await make({ numbers: [taken] })).body;
    const refused = await make({ numbers: [free, taken] });
    expectProblem(refused, 409, 'number_in_use');
    expect(refused.body.errors).toEqual([{ path: 'numbers.1', message: expect.stringContaining(taken) }]);
    expect(await rowsOf(server, 'select number from numbers where number = $1', [free])).toEqual([]);
    const other = (await make({ numbers: [] })).body;
    const change = { name: 'Changed', numbers: [free, taken] };
    expectProblem(await admin.patch(`/v1/trackers/${other.id}`, change), 409, 'number_in_use');
    expect((await admin.get(`/v1/trackers/${other.id}`)).body).toEqual(other);
    expect((await admin.get(`/v1/numbers/${taken}`)).body.tracker_id).toBe(id);
  });

  test('asked for by ten at once goes to one', async () => {
    const number = nextNumber();
    const answers = await Promise.all(Array.from({ length: 10 }, () => make({ numbers: [number] })));
    const made = answers.filter(({ status }) => status === 201);
    expect(made).toHaveLength(1);
    for (const answer of answers) if (answer !== made[0]) expectProblem(answer, 409, 'number_in_use');
    expect(await rowsOf(server, 'select tracker_id from numbers where number = $1', [number])).toEqual([
      { tracker_id: made[0]?.body.id },
    ]);
  });
});

describe('a source tracker', () => {
  const source = (body: Loose) => make({ type: 'source', source: 'flyer', targets: [], ...body });

  test('has one number and says what its calls are credited to; it may have no targets', async () => {
    const number = nextNumber();
    const made = await source({ numbers: [number], medium: 'print', campaign: 'autumn' });
    expect(made).toMatchObject({
      status: 201,
      body: { numbers: [number], targets: [], source: 'flyer', medium: 'print', campaign: 'autumn' },
    });
    const call = await admin.post('/v1/calls/start', { call_id: newId(), to: number });
    expect(call.body).toMatchObject({ session: null, attribution: { method: 'source', confidence: 1 } });
    expect((await admin.get(`/v1/calls/${call.body.id}`)).body).toMatchObject({
      source: 'flyer',
      medium: 'print',
      campaign: 'autumn',
    });
  });

  test('with no number, two, or no source is refused', async () => {
    expectInvalid(await source({ numbers: [] }), 'numbers');
    expectInvalid(await source({ numbers: [nextNumber(), nextNumber()] }), 'numbers');
    expectInvalid(await source({ numbers: [nextNumber()], source: null }), 'source');
    const { id } = (await source({ numbers: [nextNumber()] })).body;
    expectInvalid(await admin.patch(`/v1/trackers/${id}`, { numbers: [] }), 'numbers');
    expectInvalid(await admin.patch(`/v1/trackers/${id}`, { source: null }), 'source');
  });
});

test.each<[string, Loose]>([
  ['name', { name: '' }],
  ['type', { type: 'both' }],
  ['targets', { targets: [] }],
  ['targets.0', { targets: ['(212) 555-0190'] }],
  ['destination', { destination: undefined }],
  ['destination', { destination: 'sip:shop@example.com' }],
  ['numbers.1', { numbers: ['+13055559999', 'none'] }],
  ['targets', { numbers: ['+12125550190'] }],
  ['destination', { numbers: ['+12125550191'] }],
  ['match.source', { match: { source: [] } }],
  ['match.landing_page', { match: { landing_page: 7 } }],
  ['match.landing_page', { match: { landing_page: 'prices' } }],
  ['match.landing_page.1', { match: { landing_page: ['/prices', 'https://shop.example/prices'] } }],
  ['match.weather', { match: { weather: 'rain' } }],
  ['colour', { colour: 'red' }],
  ['name', { name: 'x'.repeat(201) }],
  ['source', { source: 'x'.repeat(201) }],
  ['match.source', { match: { source: 'x'.repeat(201) } }],
  ['priority', { priority: 1.5 }],
  ['reservation_seconds', { reservation_seconds: 0 }],
  ['min_reservation_seconds', { reservation_seconds: 60, min_reservation_seconds: 61 }],
  ['attribution_days', { attribution_days: 0 }],
  ['site_id', { site_id: 'me' }],
  ['site_id', { site_id: undefined }],
])('%s: %j is refused', async (path, body) => {
  expectInvalid(await make(body), path);
});

test('the type and the site of a tracker never change', async () => {
  const { body } = await make({});
  const changed = await admin.patch(`/v1/trackers/${body.id}`, { type: 'source', site_id: newId() });
  expectInvalid(changed, 'type', 'site_id');
});

test('landing pages are begins of paths', async () => {
  const match = { landing_page: ['/', '/prices'] };
  expect((await make({ match })).body.match).toEqual(match);
});

test('a number of another tracker of the site is no target, and a target of it no number', async () => {
  const number = nextNumber();
  const { id } = (await make({ numbers: [number] })).body;
  expectInvalid(await make({ targets: [number] }), 'targets');
  expectInvalid(await make({ destination: number }), 'destination');
  const other = (await make({})).body;
  expectInvalid(await admin.patch(`/v1/trackers/${other.id}`, { destination: number }), 'destination');
  const target = nextNumber();
  await admin.patch(`/v1/trackers/${other.id}`, { targets: [target] });
  expectInvalid(await admin.patch(`/v1/trackers/${id}`, { numbers: [number, target] }), 'numbers.1');
  expectInvalid(await admin.post('/v1/numbers', { id: target, tracker_id: id }), 'id');
});

test('a tracker of nobody’s site is not made', async () => {
  expectProblem(await make({ site_id: newId() }), 404, 'not_found');
});
