import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../../server/lib/ids.js';
import { api, type Loose } from '../../support/api.js';
import { startServer, type TestServer } from '../../support/server-process.js';
import { makeSite } from '../../support/site.js';
import { type TempDir, tempDir } from '../../support/temp-dir.js';
import { pageOf } from '../routes/page.js';

describe('embedded data', () => {
  let data: TempDir;
  let server: TestServer;
  beforeAll(async () => {
    data = tempDir();
    server = await start();
  }, 90_000);
  afterAll(async () => {
    await server?.stop();
    data.remove();
  });

  const start = () => startServer({ mode: 'embedded', dataDir: data.path });

  test('is there after a restart and after kill -9: whatever was acknowledged, at once', async () => {
    const site = await makeSite(api(server.url, server.adminKey), { numbers: 10 });
    const known: { visitor: string; session: string; number: string; call: string; code: string }[] = [];

    for (const end of ['kill', 'stop', 'kill'] as const) {
      const admin = api(server.url, server.adminKey);
      const page = pageOf(server.url, site);
      const { visitor, session, swaps } = (await page.view()).body;
      const number = swaps[0]?.number as string;
      const { code } = (await page.send({ type: 'code', visitor })).body;
      const call = (await admin.post('/v1/calls/start', { call_id: newId(), to: number })).body;
      known.push({
        visitor: visitor as string,
        session: session as string,
        number,
        call: call.id,
        code: code as string,
      });
      await server[end]();
      server = await start();

      const after = api(server.url, server.adminKey);
      for (const one of known) {
        expect((await after.get(`/v1/sessions/${one.session}`)).body).toMatchObject({
          visitor_id: one.visitor,
          leases: [{ number: one.number }],
          calls: [{ id: one.call, status: 'in_progress' }],
        });
        const again = (await pageOf(server.url, site).view({ visitor: one.visitor })).body;
        expect(again).toMatchObject({ session: one.session, swaps: [{ number: one.number }] });
        const asked = await pageOf(server.url, site).send({ type: 'code', visitor: one.visitor });
        expect(asked.body.code).toBe(one.code);
      }
      const pool = (await after.get(`/v1/trackers/${site.tracker.id}/pool`)).body;
      expect(pool).toMatchObject({ numbers: 10, leased: known.length });
    }
  }, 300_000);

  test('survives kill -9 in the middle of many views and calls: what was answered is there, what was not is whole', async () => {
    const site = await makeSite(api(server.url, server.adminKey), { numbers: 60 });
    const answered: { session: string; number: string }[] = [];
    const calls: string[] = [];
    const page = pageOf(server.url, site);
    const admin = api(server.url, server.adminKey);
    const busy = Array.from({ length: 50 }, async () => {
      const { body } = await page.view({ visitor: newId() });
      answered.push({ session: body.session as string, number: body.swaps[0]?.number as string });
      const call = await admin.post('/v1/calls/start', { call_id: newId(), to: body.swaps[0]?.number });
      calls.push(call.body.id);
      if (calls.length === 10) await server.kill();
    });
    await Promise.allSettled(busy);
    expect(calls.length).toBeGreaterThanOrEqual(10);
    await server.kill();

    server = await start();
    const after = api(server.url, server.adminKey);
    for (const { session, number } of answered) {
      expect((await after.get(`/v1/sessions/${session}`)).body).toMatchObject({ leases: [{ number }] });
    }
    for (const id of calls) expect((await after.get(`/v1/calls/${id}`)).status).toBe(200);
    const all = (await after.get(`/v1/calls?site_id=${site.id}&per_page=1000`)).body.calls;
    for (const call of all as Loose[]) expect(call.attribution.method).toBe('recency');
    expect(new Set(answered.map(({ number }) => number)).size).toBe(answered.length);
  }, 300_000);
});
