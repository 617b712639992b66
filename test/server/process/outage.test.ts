import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../../../server/lib/ids.js';
import { type Api, api, type Loose } from '../../support/api.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';
import { type FaultyPostgres, startFaultyPostgres } from '../../support/faulty-postgres.js';
import { startServer, type TestServer } from '../../support/server-process.js';
import { makeSite, type TestSite } from '../../support/site.js';
import { type TempDir, tempDir } from '../../support/temp-dir.js';
import { expectProblem } from '../routes/expect-problem.js';
import { pageOf } from '../routes/page.js';
import { rowsOf } from '../routes/rows-of.js';
import { ringing, twilioSends } from '../routes/signed-by-twilio.js';
import { until } from '../routes/until.js';

let database: TestDatabase;
let postgres: FaultyPostgres;
let data: TempDir;
let server: TestServer;
let admin: Api;
let site: TestSite;

const start = async () => {
  server = await startServer({
    mode: 'redis',
    dataDir: data.path,
    env: { DATABASE_URL: postgres.url, TWILIO_AUTH_TOKEN: 'token' },
  });
  admin = api(server.url, server.adminKey);
};

beforeAll(async () => {
  database = await createDatabase();
  postgres = await startFaultyPostgres(database.url);
  data = tempDir();
  await start();
  site = await makeSite(admin, { numbers: 3 });
}, 60_000);
afterAll(async () => {
  await server?.stop();
  await postgres?.close();
  await database?.drop();
  data?.remove();
});

/** What the service says of the stores and the spool. */
const ready = async () => (await api(server.url).get('/readyz')).body;
const call = (call_id: string, to: string) => admin.post('/v1/calls/start', { call_id, to });

test('while Postgres is away every call is routed, and is stored once when it is back, through a kill -9 and a restart', async () => {
  const [number = '', other = ''] = site.numbers;
  const page = pageOf(server.url, site);
  const visitor = newId();
  const shown = (
    await page.view({ visitor, landing: { url: 'https://shop.example/?utm_source=flyer', referrer: '' } })
  ).body.swaps[0];
  expect(shown?.number).toBe(number);
  const before = await call('before', number);
  expect(before.body).toMatchObject({
    duplicate: false,
    attribution: { method: 'recency', visitor_id: visitor },
  });
  await until(
    () => readFile(join(data.path, 'settings.jsonl'), 'utf8').catch(() => ''),
    (copy) => copy.includes(number),
  );
  expect(statSync(join(data.path, 'settings.jsonl')).mode & 0o777).toBe(0o600);

  await postgres.set('hang');
  // Who finds out, and who comes meanwhile.
  const found = await Promise.all(['a', 'b', 'c'].map((id) => call(id, number)));
  for (const { status, body } of found) {
    expect(status).toBe(200);
    expect(body).toMatchObject({
      duplicate: false,
      attribution: { method: 'pending', confidence: 0, visitor_id: null },
      session: null,
      route: { destination: site.destination, tracker_id: site.tracker.id },
    });
  }
  expect(await ready()).toEqual({
    postgres: 'down',
    redis: 'up',
    spool: { waiting: 3, in_memory: 0, dropped: 0 },
  });
  const a = found[0]?.body;
  expect((await call('a', number)).body).toEqual({ ...a, duplicate: true });
  expectProblem(await call('a', other), 409, 'call_mismatch');
  expectProblem(await call('x', '+12125550199'), 404, 'unknown_number');
  const end = { status: 'answered', duration: 61 };
  expect((await admin.post('/v1/calls/end', { call_id: 'a', ...end })).body).toEqual({
    id: a.id,
    call_id: 'a',
    status: 'answered',
  });
  expect((await admin.post('/v1/calls/end', { call_id: 'before', ...end })).body).toEqual({
    id: null,
    call_id: 'before',
    status: 'answered',
  });
  const view = await page.view({ visitor });
  expectProblem(view, 503, 'unavailable');
  expect(view.headers.get('retry-after')).toMatch(/^\d+$/);
  const renewed = await page.send({ type: 'renew', visitor });
  expect(renewed.body).toMatchObject({ status: 'ok', swaps: [{ number, lease: shown?.lease }] });

  const twilio = (path: string, params: Record<string, string>) =>
    twilioSends({ base: server.url, token: 'token' }, `/v1/providers/twilio/${path}`, params);
  const rings = ringing('CA1', number, { From: '+12125550177' });
  const answered = await twilio('voice', rings);
  expect(answered).toMatchObject({ status: 200, body: expect.stringContaining(site.destination) });

  // A start from the copy, while it hangs.
  await server.kill();
  await start();
  expect(await ready()).toMatchObject({ postgres: 'down', spool: { waiting: 7, in_memory: 0 } });
  expect(
    (await twilio('dial', { ...rings, DialCallStatus: 'completed', DialCallDuration: '40' })).status,
  ).toBe(200);
  expect((await call('a', number)).body).toEqual({ ...a, duplicate: true });
  const restarted = (await call('after the restart', number)).body;
  expect(restarted).toMatchObject({ route: { destination: site.destination }, duplicate: false });
  expect((await admin.post(`/v1/calls/${restarted.id}/code`, { code: '4711' })).body).toMatchObject({
    id: restarted.id,
    attribution: { method: 'pending' },
  });
  expect((await admin.get('/v1/calls')).status).toBe(503);

  await postgres.set('none');
  await until(ready, ({ postgres, spool }) => postgres === 'up' && spool.waiting === 0);
  const { calls } = (await admin.get('/v1/calls')).body as { calls: Loose[] };
  expect(calls.map(({ call_id }) => call_id).sort()).toEqual([
    'CA1',
    'a',
    'after the restart',
    'b',
    'before',
    'c',
  ]);
  for (const stored of calls) {
    expect(stored).toMatchObject({
      source: 'flyer',
      attribution: { method: 'recency', visitor_id: visitor },
    });
  }
  const named = (name: string) => calls.find(({ call_id }) => call_id === name);
  expect(named('a')).toMatchObject({ id: a.id, status: 'answered', duration: 61 });
  expect(named('before')).toMatchObject({ id: before.body.id, status: 'answered' });
  expect(named('CA1')).toMatchObject({ provider: 'twilio', status: 'answered', talk_time: 40 });
  expect(named('after the restart')).toMatchObject({ id: restarted.id, status: 'in_progress' });
  const events = await rowsOf(server, 'select count(*)::int as count from call_events');
  expect(events).toEqual([{ count: 12 }]);
  // And all goes on as ever.
  expect((await pageOf(server.url, site).view({ visitor })).body).toMatchObject({
    status: 'ok',
    swaps: [{ number }],
  });
  expect((await call('later', number)).body).toMatchObject({ attribution: { method: 'recency' } });
}, 120_000);
