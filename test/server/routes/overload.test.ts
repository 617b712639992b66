import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { newId } from '../../../server/lib/ids.js';
import { type Answer, type Api, api } from '../../support/api.js';
import type { TestServer } from '../../support/server-process.js';
import { sharedServer } from '../../support/shared-server.js';
import { makeSite, type TestSite } from '../../support/site.js';
import { expectProblem } from './expect-problem.js';
import { pageOf } from './page.js';

/** How many reports the service lets wait at once (server/routes/index.ts). */
const REPORTS = 20;

let server: TestServer;
let admin: Api;
let site: TestSite;
beforeAll(async () => {
  server = await sharedServer('postgres');
  admin = api(server.url, server.adminKey);
  site = await makeSite(admin, { numbers: 20 });
});

/** Makes whatever touches a table wait; returns how to let it go on. */
async function lockTable(table: string): Promise<() => Promise<void>> {
  const client = new pg.Client(server.stores.DATABASE_URL);
  await client.connect();
  let isHeld = true;
  const release = async () => {
    if (!isHeld) return;
    isHeld = false;
    await client.end();
  };
  onTestFinished(release);
  await client.query(`begin; lock table ${table} in access exclusive mode`);
  return release;
}

const startCall = () => admin.post('/v1/calls/start', { call_id: newId(), to: site.numbers[0] });

test('reports that hang hold up neither calls nor views nor each other without end', async () => {
  const release = await lockTable('leads');
  const late: Answer<unknown>[] = [];
  const reports = Array.from({ length: REPORTS + 10 }, async () => {
    const answer = await admin.get('/v1/calls/summary');
    if (answer.status !== 200) late.push(answer);
    return answer.status;
  });
  await expect.poll(() => late.length, { timeout: 10_000 }).toBe(10);
  for (const answer of late) {
    expectProblem(answer, 503, 'overloaded');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  }
  expect((await pageOf(server.url, site).view()).body.status).toBe('ok');
  expect((await startCall()).status).toBe(200);
  expect((await admin.get(`/v1/sites/${site.id}`)).status).toBe(200);
  // A scrape waits for no count of the pools.
  expect((await api(server.url).get('/metrics')).status).toBe(200);
  await release();
  expect((await Promise.all(reports)).filter((status) => status === 200)).toHaveLength(REPORTS);
});

test('views that hang are answered in the end; who comes when the line is too long is told at once to come back', async () => {
  const page = pageOf(server.url, site);
  const release = await lockTable('page_views');
  // Two batches are under way, and one waits in line.
  const first = [];
  for (let at = 0; at < 3; at += 1) {
    first.push(page.view({ visitor: newId() }));
    await sleep(300);
  }
  await sleep(2_000);
  const late = await page.view({ visitor: newId() });
  expectProblem(late, 503, 'overloaded');
  expect(late.headers.get('access-control-allow-origin')).toBe('*');
  expect((await startCall()).status).toBe(200);
  await release();
  expect((await Promise.all(first)).map(({ status }) => status)).toEqual([200, 200, 200]);
  expect((await page.view({ visitor: newId() })).status).toBe(200);
});

test('the metrics tell how full the pools are', async () => {
  const read = async () => (await api(server.url).get<string>('/metrics')).body;
  await expect
    .poll(read, { timeout: 25_000, interval: 500 })
    .toMatch(/^dni_pool_numbers\{state="leased"\} [1-9]/m);
  const text = await read();
  for (const line of [
    'dni_pool_numbers{state="free"}',
    'dni_leases{state="exclusive"}',
    'dni_commit_rows_count',
  ])
    expect(text).toContain(`\n${line} `);
});
