import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Api, api } from '../../support/api.js';
import { forEachMode } from '../../support/for-each-mode.js';
import { startServer, type TestServer } from '../../support/server-process.js';
import { makeSite } from '../../support/site.js';
import { expectProblem } from './expect-problem.js';

forEachMode('whether it runs', ({ server, mode }) => {
  test('/healthz: the process lives', async () => {
    const { status, body } = await api(server().url).get('/healthz');
    expect({ status, body }).toEqual({ status: 200, body: { status: 'ok' } });
  });

  test('/readyz: calls can be routed, and how the stores are', async () => {
    const { status, body } = await api(server().url).get('/readyz');
    expect(status).toBe(200);
    expect(body).toMatchObject({ postgres: 'up', redis: mode === 'redis' ? 'up' : 'none' });
  });
});

describe('/metrics', () => {
  let server: TestServer;
  let admin: Api;
  beforeAll(async () => {
    server = await startServer({ mode: 'postgres', env: { TRUST_PROXY: '1' } });
    admin = api(server.url, server.adminKey);
  });
  afterAll(() => server?.stop());

  const ask = (key: string | undefined, headers: Record<string, string>) =>
    api(server.url, key).get('/metrics', headers);

  test('is for this machine without a key', async () => {
    await api(server.url).get('/healthz');
    const { status, body, headers } = await ask(undefined, {});
    expect(status).toBe(200);
    expect(headers.get('content-type')).toMatch(/^text\/plain; version=/);
    expect(body).toMatch(/^dni_request_seconds_count\{method="GET",route="\/healthz",status="200"\} \d+$/m);
    expect(body).toContain('process_cpu_seconds_total');
  });

  test('is for others with an unbound admin key only', async () => {
    const site = await makeSite(admin);
    const keyOf = async (scopes: string[], site_id?: string) =>
      (await admin.post('/v1/keys', { name: 'x', scopes, site_id })).body.key;
    for (const address of ['203.0.113.9', '127.0.0.1', '127.0.0.1, 203.0.113.9']) {
      const via = { 'x-forwarded-for': address };
      expectProblem(await ask(undefined, via), 401, 'unauthorized');
      expectProblem(await ask('wrong', via), 401, 'unauthorized');
      expectProblem(await ask(await keyOf(['reports:read', 'calls:write']), via), 403, 'forbidden');
      expectProblem(await ask(await keyOf(['admin'], site.id), via), 403, 'forbidden');
      expect((await ask(await keyOf(['admin']), via)).status).toBe(200);
      expect((await ask(server.adminKey, via)).status).toBe(200);
    }
  });
});
