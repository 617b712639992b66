import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '../../../server/lib/ids.js';
import { api } from '../../support/api.js';
import { type Mode, startServer, type TestServer } from '../../support/server-process.js';
import { makeSite, type TestSite } from '../../support/site.js';
import { expectProblem } from './expect-problem.js';
import { pageOf } from './page.js';

// So small that every request is counted at once.
const REQUESTS = 20;
const LEASES = 3;
const SITE_REQUESTS = 35;
const SITE_LEASES = 8;

describe.each<Mode>(['postgres', 'redis'])('limits (%s)', (mode) => {
  let server: TestServer;
  let site: TestSite;
  beforeAll(async () => {
    const env = {
      TRUST_PROXY: '1',
      RATE_LIMIT: String(REQUESTS),
      SITE_RATE_LIMIT: String(SITE_REQUESTS),
      LEASE_LIMIT: String(LEASES),
      SITE_LEASE_LIMIT: String(SITE_LEASES),
    };
    server = await startServer({ mode, env });
  });
  beforeEach(async () => {
    site = await makeSite(api(server.url, server.adminKey), { numbers: 20 });
  });
  afterAll(() => server?.stop());

  const from = (address: string) => ({ 'x-forwarded-for': address });
  const statusFrom = async (address: string, visitor = newId()) =>
    (await pageOf(server.url, site).view({ visitor }, from(address))).body.status;

  test('so many requests a minute, then 429 that the page may read and that says when to come back', async () => {
    const page = pageOf(server.url, site);
    const [busy, other] = [from('203.0.113.1'), from('203.0.113.2')];
    const answers = [];
    for (let at = 0; at < REQUESTS + 5; at += 1) answers.push(await page.send({ type: 'renew' }, busy));
    expect(answers.slice(0, REQUESTS).map(({ status }) => status)).toEqual(Array(REQUESTS).fill(200));
    for (const answer of answers.slice(REQUESTS)) {
      expectProblem(answer, 429, 'rate_limited');
      const wait = Number(answer.headers.get('retry-after'));
      expect(wait).toBeGreaterThan(0);
      expect(wait).toBeLessThanOrEqual(60);
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

  test('so many requests a minute to one site, from wherever; other sites go on', async () => {
    const page = pageOf(server.url, site);
    const other = await makeSite(api(server.url, server.adminKey));
    for (let at = 0; at < SITE_REQUESTS; at += 1)
      expect((await page.send({ type: 'renew' }, from(`203.0.113.${at + 10}`))).status).toBe(200);
    const newcomer = from('203.0.113.200');
    const limited = await page.send({ type: 'renew' }, newcomer);
    expectProblem(limited, 429, 'rate_limited');
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(limited.headers.get('access-control-allow-origin')).toBe('*');
    expectProblem(await api(server.url).get(`/dni/${site.key}.js`, newcomer), 429, 'rate_limited');
    expect((await pageOf(server.url, other).send({ type: 'renew' }, newcomer)).status).toBe(200);
    expect((await api(server.url).get(`/dni/${other.key}.js`, newcomer)).status).toBe(200);
  });

  test('so many numbers an hour for new visitors of one site, from wherever; who has held one has it again', async () => {
    const visitors = Array.from({ length: SITE_LEASES }, () => newId());
    for (const [at, visitor] of visitors.entries())
      expect(await statusFrom(`198.51.100.${at}`, visitor)).toBe('ok');
    expect(await statusFrom('198.51.100.100')).toBe('no_number');
    expect(await statusFrom('198.51.100.101', visitors[0])).toBe('ok');
    const page = pageOf(server.url, site);
    await page.send({ type: 'withdraw', visitor: visitors[1] }, from('198.51.100.101'));
    expect(await statusFrom('198.51.100.101', visitors[2])).toBe('ok');
    // The limit cost the address nothing.
    site = await makeSite(api(server.url, server.adminKey), { numbers: 20 });
    for (let at = 0; at < LEASES; at += 1) expect(await statusFrom('198.51.100.100')).toBe('ok');
    expect(await statusFrom('198.51.100.100')).toBe('no_number');
    const { body } = await api(server.url).get('/metrics');
    expect(body).toMatch(/^dni_visitors_refused_total\{by="site"\} 1$/m);
    expect(body).toMatch(/^dni_visitors_refused_total\{by="address"\} \d+$/m);
    expect(body).toMatch(/^dni_leases_offered_total\{assignment="exclusive"\} \d+$/m);
  });

  test.each([
    ['that a client claims before the one that the proxy saw', (at: number) => `192.0.2.${at}, 192.0.2.200`],
    ['of one IPv6 network, the /64 that a client has to itself', (at: number) => `2001:db8:0:1::${at}`],
    [
      'in IPv6 or with a port',
      (at: number) => ['::ffff:192.0.2.201', '192.0.2.201:4711', '192.0.2.201'][at % 3],
    ],
    ['that is none', (at: number) => `somebody${at}`],
  ])('an address %s is the same address', async (_what, address) => {
    const statuses = [];
    for (let at = 0; at < LEASES + 1; at += 1) statuses.push(await statusFrom(address(at) ?? ''));
    expect(statuses).toEqual([...Array(LEASES).fill('ok'), 'no_number']);
  });
});

describe('behind a proxy that is not trusted', () => {
  test('what it says is not believed: all who come through it count as one address, and the log says so', async () => {
    const server = await startServer({ mode: 'postgres', env: { RATE_LIMIT: '1' } });
    try {
      const ask = (address: string) => api(server.url).get('/dni/nobody.js', { 'x-forwarded-for': address });
      expectProblem(await ask('203.0.113.1'), 404, 'unknown_site');
      const limited = await ask('203.0.113.2');
      expectProblem(limited, 429, 'rate_limited');
      // A page that loads the script with CORS can read why.
      expect(limited.headers.get('access-control-allow-origin')).toBe('*');
      expect(server.stdout().match(/set TRUST_PROXY/g)).toHaveLength(1);
    } finally {
      await server.stop();
    }
  });
});
