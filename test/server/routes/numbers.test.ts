import { beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../../server/lib/ids.js';
import { type Api, api } from '../../support/api.js';
import type { TestServer } from '../../support/server-process.js';
import { sharedServer } from '../../support/shared-server.js';
import { makeSite } from '../../support/site.js';
import { expectInvalid, expectProblem } from './expect-problem.js';
import { pageOf } from './page.js';
import { rowsOf } from './rows-of.js';

let server: TestServer;
let admin: Api;
beforeAll(async () => {
  server = await sharedServer('redis');
  admin = api(server.url, server.adminKey);
});

let used = 0;
const nextNumber = () => `+1307555${String(100 + used++).padStart(4, '0')}`;

describe('a number', () => {
  test('is put into a pool, read by any spelling, and leased', async () => {
    const site = await makeSite(admin, { numbers: 0 });
    const number = nextNumber();
    const made = await admin.post('/v1/numbers', { id: number, tracker_id: site.tracker.id });
    expect(made.status).toBe(201);
    expect(made.body).toEqual({
      id: number,
      number,
      site_id: site.id,
      tracker_id: site.tracker.id,
      created_at: expect.any(String),
      retired_at: null,
    });
    for (const spelling of [number, encodeURIComponent(number), number.slice(1), ` ${number.slice(1)}`])
      expect((await admin.get(`/v1/numbers/${spelling}`)).body).toEqual(made.body);
    expect((await pageOf(server.url, site).view()).body.swaps[0]?.number).toBe(number);
  });

  test('comes in a form with its plus lost, or as `number`', async () => {
    const site = await makeSite(admin, { numbers: 0 });
    const [first, second, third] = [nextNumber(), nextNumber(), nextNumber()];
    const tracker_id = site.tracker.id;
    const raw = { 'content-type': 'application/x-www-form-urlencoded' };
    const answers = [
      await admin.post('/v1/numbers', `id=${first}&tracker_id=${tracker_id}`, raw),
      await admin.post('/v1/numbers', new URLSearchParams({ id: second.slice(1), tracker_id })),
      await admin.post('/v1/numbers', { number: third, tracker_id }),
    ];
    expect(answers.map(({ status, body }) => [status, body.id])).toEqual([
      [201, first],
      [201, second],
      [201, third],
    ]);
    expect((await admin.get(`/v1/trackers/${tracker_id}`)).body.numbers).toEqual([first, second, third]);
  });

  test('belongs to one tracker at a time', async () => {
    const [one, two] = [await makeSite(admin, { numbers: 1 }), await makeSite(admin, { numbers: 1 })];
    const number = one.numbers[0] as string;
    for (const tracker_id of [two.tracker.id, one.tracker.id])
      expectProblem(await admin.post('/v1/numbers', { id: number, tracker_id }), 409, 'number_in_use');
  });

  test('can be moved to another pool, its old lease ended', async () => {
    const [one, two] = [await makeSite(admin, { numbers: 1 }), await makeSite(admin, { numbers: 0 })];
    const number = one.numbers[0] as string;
    const { visitor } = (await pageOf(server.url, one).view()).body;
    const moved = await admin.patch(`/v1/numbers/${number}`, { tracker_id: two.tracker.id });
    expect(moved).toMatchObject({ status: 200, body: { site_id: two.id, tracker_id: two.tracker.id } });
    expect(await rowsOf(server, 'select end_reason from leases where number = $1', [number])).toEqual([
      { end_reason: 'removed' },
    ]);
    expect((await pageOf(server.url, one).view({ visitor })).body.status).toBe('no_number');
    // A browser still shows it: nobody else is given it before that promise is over.
    expect((await pageOf(server.url, two).view()).body.status).toBe('no_number');
    const call = await admin.post('/v1/calls/start', { call_id: newId(), to: number });
    expect(call.body).toMatchObject({ session: null, route: { destination: two.destination } });
    expect((await admin.patch(`/v1/numbers/${number}`, { tracker_id: two.tracker.id })).status).toBe(200);
  });

  test('that is none, or a target, or nowhere to go is refused', async () => {
    const site = await makeSite(admin, { numbers: 0 });
    const tracker_id = site.tracker.id;
    const make = (body: object) => admin.post('/v1/numbers', body);
    expectInvalid(await make({ id: 'x', tracker_id }), 'id');
    expectInvalid(await make({ tracker_id }), 'id');
    expectInvalid(await make({ id: site.target, tracker_id }), 'id');
    expectInvalid(await make({ id: site.destination, tracker_id }), 'id');
    expectInvalid(await make({ id: nextNumber() }), 'tracker_id');
    expectInvalid(await make({ id: nextNumber(), tracker_id, pool: 'main' }), 'pool');
    expectProblem(await make({ id: nextNumber(), tracker_id, site_id: newId() }), 404, 'not_found');
    expect((await make({ id: nextNumber(), tracker_id, site_id: site.id })).status).toBe(201);
    const number = nextNumber();
    await make({ id: number, tracker_id });
    expectInvalid(await admin.patch(`/v1/numbers/${number}`, { tracker_id, retired_at: null }), 'retired_at');
    expectInvalid(await make({ id: nextNumber(), tracker_id: 'me' }), 'tracker_id');
    expectProblem(await make({ id: nextNumber(), tracker_id: newId() }), 404, 'not_found');
  });

  test('of a source tracker stays with it', async () => {
    const site = await makeSite(admin, { numbers: 1 });
    const number = nextNumber();
    const source = await admin.post('/v1/trackers', {
      site_id: site.id,
      name: 'Flyer',
      type: 'source',
      source: 'flyer',
      destination: site.destination,
      numbers: [number],
    });
    const tracker_id = source.body.id;
    expectProblem(await admin.delete(`/v1/numbers/${number}`), 409, 'conflict');
    expectProblem(await admin.post('/v1/numbers', { id: nextNumber(), tracker_id }), 409, 'conflict');
    expectProblem(
      await admin.patch(`/v1/numbers/${number}`, { tracker_id: site.tracker.id }),
      409,
      'conflict',
    );
    expectProblem(await admin.patch(`/v1/numbers/${site.numbers[0]}`, { tracker_id }), 409, 'conflict');
    expect((await admin.get(`/v1/trackers/${tracker_id}`)).body.numbers).toEqual([number]);
  });
});
