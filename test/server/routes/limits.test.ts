import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../../server/lib/ids.js';
import { api } from '../../support/api.js';
import { type Mode, startServer, type TestServer } from '../../support/server-process.js';
import { makeSite, type TestSite } from '../../support/site.js';
import { expectProblem } from './expect-problem.js';
import { pageOf } from './page.js';

const REQUESTS = 20;
const LEASES = 3;

describe.each<Mode>(['postgres', 'redis'])('limits by address (%s)', (mode) => {
  let server: TestServer;
  let site: TestSite;
  beforeAll(async () => {
    const env = { TRUST_PROXY: '127.0.0.1', RATE_LIMIT: String(REQUESTS), LEASE_LIMIT: String(LEASES) };
    server = await startServer({ mode, env });
    site = await makeSite(api(server.url, server.adminKey), { numbers: 20 });
  });
  afterAll(() => server?.stop());

  const from = (address: string) => ({ 'x-forwarded-for': address });

  test('so many requests a minute, then 429 that the page may read and that says when to come back', async () => {
    const page = pageOf(server.url, site);
    const [busy, other] = [from('203.0.113.1'), from('203.0.113.2')];
    const answers = [];
    for (let at = 0; at < REQUESTS + 5; at += 1) answers.push(await page.send({ type: 'renew' }, busy));
    expect(answers.slice(0, REQUESTS).map(({ status }) => status)).toEqual(Array(REQUESTS).fill(200));
    for (const answer of answers.slice(REQUESTS)) {
      expectProblem(answer, 429, 'rate_limited');
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    }
    // The script counts as well; another address does not, and neither do those with a key.
    expectProblem(await api(server.url).get(`/dni/${site.key}.js`, busy), 429, 'rate_limited');
    expect((await page.send({ type: 'renew' }, other)).status).toBe(200);
    expect((await api(server.url, server.adminKey).get('/v1/sites', busy)).status).toBe(200);
    expect((await api(server.url).get('/healthz', busy)).status).toBe(200);
    const call = { call_id: newId(), to: site.numbers[0] };
    expect((await api(server.url, server.adminKey).post('/v1/calls/start', call, busy)).status).toBe(200);
  });

  test('so many numbers an hour for new visitors; who has one keeps it', async () => {
    const page = pageOf(server.url, site);
    const greedy = from('203.0.113.3');
    const visitors = Array.from({ length: LEASES + 3 }, () => newId());
    const statuses = [];
    for (const visitor of visitors) statuses.push((await page.view({ visitor }, greedy)).body.status);
    expect(statuses).toEqual([...Array(LEASES).fill('ok'), ...Array(3).fill('no_number')]);
    const again = await page.view({ visitor: visitors[0] }, greedy);
    expect(again.body).toMatchObject({ status: 'ok', swaps: [{ number: expect.any(String) }] });
    expect((await page.send({ type: 'renew', visitor: visitors[1] }, greedy)).body.status).toBe('ok');
    expect((await page.view({ visitor: visitors[LEASES] }, greedy)).body.status).toBe('no_number');
    expect((await page.view({}, from('203.0.113.4'))).body.status).toBe('ok');
  });

  test('an address that a client only claims counts for nothing', async () => {
    // Of the two, the proxy that we trust has added the second.
    const page = pageOf(server.url, site);
    const statuses = [];
    for (let at = 0; at < LEASES + 1; at += 1)
      statuses.push((await page.view({}, from(`198.51.100.${at}, 203.0.113.5`))).body.status);
    expect(statuses).toEqual([...Array(LEASES).fill('ok'), 'no_number']);
  });
});
