import { beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../../server/lib/ids.js';
import { type Answer, type Api, api, type Loose } from '../../support/api.js';
import type { TestServer } from '../../support/server-process.js';
import { sharedServer } from '../../support/shared-server.js';
import { makeSite, type TestSite } from '../../support/site.js';
import { expectProblem } from './expect-problem.js';

let server: TestServer;
let admin: Api;
let site: TestSite;
beforeAll(async () => {
  server = await sharedServer('postgres');
  admin = api(server.url, server.adminKey);
  site = await makeSite(admin);
});

const WITH_ID = [
  'GET /v1/sites/:id',
  'PATCH /v1/sites/:id',
  'DELETE /v1/sites/:id',
  'GET /v1/sites/:id/install',
  'GET /v1/trackers/:id',
  'PATCH /v1/trackers/:id',
  'DELETE /v1/trackers/:id',
  'GET /v1/trackers/:id/pool',
  'GET /v1/numbers/:id',
  'PATCH /v1/numbers/:id',
  'DELETE /v1/numbers/:id',
  'GET /v1/keys/:id',
  'PATCH /v1/keys/:id',
  'DELETE /v1/keys/:id',
  'GET /v1/calls/:id',
  'PATCH /v1/calls/:id',
  'POST /v1/calls/:id/code',
  'GET /v1/leads/:id',
  'PATCH /v1/leads/:id',
  'GET /v1/sessions/:id',
];

/** A body that the route takes, so that only the id is wrong. */
function bodyOf(path: string): Loose {
  if (path.startsWith('/v1/numbers')) return { tracker_id: site.tracker.id };
  if (path.endsWith('/code')) return { code: '1234' };
  if (path.startsWith('/v1/leads')) return { value: 1 };
  return path.startsWith('/v1/calls') ? { note: 'x' } : { name: 'x' };
}

function ask(route: string, id: string): Promise<Answer<Loose>> {
  const [method, pattern] = route.split(' ') as ['GET' | 'PATCH' | 'POST' | 'DELETE', string];
  const path = pattern.replace(':id', id);
  if (method === 'PATCH') return admin.patch(path, bodyOf(pattern));
  if (method === 'POST') return admin.post(path, bodyOf(pattern));
  return method === 'GET' ? admin.get(path) : admin.delete(path);
}

describe('an id in a path', () => {
  test.each(WITH_ID)('%s: one that is nobody’s is not found', async (route) => {
    expectProblem(await ask(route, newId()), 404, 'not_found');
    expectProblem(await ask(route, '%2B12125559999'), ...oneOf404or400(await ask(route, '%2B12125559999')));
  });

  test.each(WITH_ID)('%s: one that is none is refused and never an error of ours', async (route) => {
    const nil = '00000000-0000-0000-0000-000000000000';
    const odd = [
      nil,
      'me',
      '%00',
      '%ED%A0%80',
      '1',
      '%27%3B--',
      '..%2f..%2f',
      '__proto__',
      '%20',
      '9'.repeat(200),
    ];
    for (const id of odd) {
      const answer = await ask(route, id);
      expectProblem(answer, ...oneOf404or400(answer));
    }
  });

  /** What cannot be an id is not there or not valid; either is said by its code. */
  function oneOf404or400({ status }: Answer<Loose>): [number, string] {
    return status === 400 ? [400, 'invalid_request'] : [404, 'not_found'];
  }
});

describe('addresses that lead nowhere', () => {
  test.each(['/', '/v1', '/v1/nothing', '/v2/calls', '/v1/events/1', '/dni', '/favicon.ico'])(
    '%s',
    async (path) => {
      expectProblem(await admin.get(path), 404, 'not_found');
      expectProblem(await admin.post(path, { a: 1 }), 404, 'not_found');
    },
  );

  test('a method that a path does not have', async () => {
    expectProblem(await admin.get('/v1/events'), 404, 'not_found');
    expectProblem(await admin.delete('/v1/calls'), 404, 'not_found');
  });

  test.each(['/%FF', '/v1/calls/%E0%A4%A', '/dni/%FF.js', `/v1/calls/${'x'.repeat(2_000)}`])(
    'an address that cannot be read: %s',
    async (path) => {
      const answer = await admin.get(path);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expectProblem(answer, answer.status, answer.status === 404 ? 'not_found' : 'invalid_request');
    },
  );
});

describe('questions that cannot be answered', () => {
  const LISTS = ['/v1/sites', '/v1/trackers', '/v1/numbers', '/v1/keys', '/v1/calls', '/v1/leads'];
  test.each(LISTS)('%s: pages of a wrong size, cursors that no list gave', async (path) => {
    for (const size of ['0', '-1', '1001', '1e3000', 'all', '', '1.5'])
      expectProblem(await admin.get(`${path}?per_page=${size}`), 400, 'invalid_request');
    const cursors = ['x', '%00', '', 'e30', Buffer.from('me').toString('base64url'), 'x'.repeat(600), '%FF'];
    for (const cursor of cursors)
      expectProblem(await admin.get(`${path}?cursor=${cursor}`), 400, 'invalid_request');
    expectProblem(await admin.get(`${path}?format=xml`), 400, 'invalid_request');
    expectProblem(await admin.get(`${path}?per_page=1&per_page=2`), 400, 'invalid_request');
  });

  test.each([
    '/v1/calls?site_id=me',
    '/v1/calls?start_date=tomorrow',
    '/v1/calls?start_date=%00',
    '/v1/calls?end_date=2026-02-31',
    '/v1/calls?min_confidence=2',
    '/v1/calls?min_duration=long',
    '/v1/calls?status=ringing',
    '/v1/calls?time_zone=Mars/Base',
    '/v1/calls?sourse=google',
    '/v1/leads?type=call',
    '/v1/leads?start_date=tomorrow',
    '/v1/leads?tipe=form',
    '/v1/calls/summary?group_by=weather',
    '/v1/calls/timeseries?interval=century',
    '/v1/calls/summary?time_zone=%00',
  ])('%s', async (path) => {
    expectProblem(await admin.get(path), 400, 'invalid_request');
  });

  test.each([
    '/v1/calls?q=%00%FF%ED%A0%80%27',
    '/v1/calls?source=%00&medium=%FF&campaign=%27&keyword=%5C&tags=%00',
    `/v1/calls?q=${'x'.repeat(10_000)}`,
    '/v1/calls?q=%25%5F&per_page=1',
    '/v1/calls/summary?source=%ED%A0%80',
    '/v1/calls?start_date=0001-01-01&end_date=9999-12-31',
  ])('%s is odd and finds nothing', async (path) => {
    const { status, body } = await admin.get(path);
    if (status !== 200)
      expectProblem(
        { status, body, headers: new Headers({ 'content-type': 'application/problem+json' }) },
        400,
        'invalid_request',
      );
    else expect(body.calls ?? body.grouped_results).toEqual([]);
  });

  test('another site that is nobody’s', async () => {
    for (const path of ['/v1/trackers', '/v1/numbers', '/v1/calls', '/v1/leads', '/v1/calls/summary'])
      expectProblem(await admin.get(`${path}?site_id=${newId()}`), 404, 'not_found');
  });
});
