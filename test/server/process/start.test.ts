import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { api } from '../../support/api.js';
import { createDatabase } from '../../support/database.js';
import { fillEmbedded } from '../../support/embedded-template.js';
import { startFaultyPostgres } from '../../support/faulty-postgres.js';
import { freePort } from '../../support/free-port.js';
import { needed } from '../../support/needed.js';
import { type NodeProcess, startNode } from '../../support/node-process.js';
import { startServer } from '../../support/server-process.js';
import { sharedServer } from '../../support/shared-server.js';
import { type TempDir, tempDir } from '../../support/temp-dir.js';
import { rowsOf } from '../routes/rows-of.js';
import { until } from '../routes/until.js';
import { MAIN } from './main.js';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

function folder(): TempDir {
  const made = tempDir();
  undo.push(made.remove);
  return made;
}

async function failing(env: Record<string, string>): Promise<{ code: number | string; said: string }> {
  const server: NodeProcess = startNode(MAIN, {
    DATA_DIR: folder().path,
    PORT: String(await freePort()),
    ...env,
  });
  undo.push(server.kill);
  const code = await server.exit;
  return { code, said: server.stdout() + server.stderr() };
}

const printedKey = (stdout: string) => /^Admin key, shown this once: (\S+)$/m.exec(stdout)?.[1];

describe('a start that cannot be', () => {
  // What is wrong with each alone is told by test/server/config.test.ts.
  test('says which variables are wrong and ends with an error', async () => {
    const wrong = {
      PORT: 'http',
      DATABASE_URL: 'mysql://localhost/dni',
      REDIS_URL: 'localhost',
      ADMIN_KEY: 'with blanks',
      TRUST_PROXY: 'nginx',
      LOG_LEVEL: 'loud',
    };
    const { code, said } = await failing(wrong);
    expect(code).toBe(1);
    for (const name of Object.keys(wrong)) expect(said).toMatch(new RegExp(`^  ${name}: `, 'm'));
    expect(said).not.toContain('    at ');
  });

  test('a database that will not have us: an error, and the password stays out of it', async () => {
    const url = new URL(needed('TEST_DATABASE_URL'));
    url.password = 's3cret';
    url.pathname = '/nothing';
    const { code, said } = await failing({ DATABASE_URL: url.href });
    expect(code).toBe(1);
    expect(said).toContain('database "nothing" does not exist');
    expect(said).not.toContain('s3cret');
  });

  test('a port that is taken: the first key is seen all the same', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    undo.push(() => other.close());
    await once(other, 'listening');
    const dataDir = folder().path;
    await fillEmbedded(dataDir);
    const { port } = other.address() as AddressInfo;
    const { code, said } = await failing({ PORT: String(port), DATA_DIR: dataDir, LOG_LEVEL: 'warn' });
    expect(code).toBe(1);
    expect(said).toContain('EADDRINUSE');
    const key = printedKey(said);
    const server = await startServer({ mode: 'embedded', dataDir, env: { ADMIN_KEY: '' } });
    undo.push(server.stop);
    expect(printedKey(server.stdout())).toBeUndefined();
    expect((await api(server.url, key).get('/v1/sites')).status).toBe(200);
  }, 120_000);

  test('a data folder that is in use: a second process says so and leaves it alone', async () => {
    const first = await sharedServer('embedded');
    const { code, said } = await failing({ DATA_DIR: first.dataDir });
    expect(code).toBe(1);
    expect(said).toMatch(new RegExp(`in use by process ${first.pid}`));
    expect(said).not.toContain('    at ');
    expect((await api(first.url).get('/readyz')).status).toBe(200);
  }, 120_000);
});

test('a first start without a database waits for it, and then is like any other', async () => {
  const database = await createDatabase();
  undo.push(database.drop);
  const postgres = await startFaultyPostgres(database.url);
  undo.push(postgres.close);
  await postgres.set('refuse');
  const port = await freePort();
  const server = startNode(MAIN, {
    DATA_DIR: folder().path,
    PORT: String(port),
    DATABASE_URL: postgres.url.replace('postgres@', 'postgres:s3cret@'),
  });
  undo.push(server.kill);
  const url = `http://127.0.0.1:${port}`;
  const ready = () =>
    api(url)
      .get('/readyz')
      .catch(() => null);
  const waiting = await until(ready, (answer) => answer !== null);
  expect(waiting).toMatchObject({ status: 503, body: { postgres: 'down', redis: 'none' } });
  expect((await api(url).get('/healthz')).status).toBe(200);
  expect(server.stdout()).toContain('ECONNREFUSED');

  await postgres.set('none');
  await until(ready, (answer) => answer?.status === 200);
  const key = printedKey(server.stdout()) as string;
  expect((await api(url, key).get('/v1/sites')).status).toBe(200);
  expect(server.stdout() + server.stderr()).not.toContain('s3cret');
});

describe('the first admin key', () => {
  test('is printed at the first start only, kept as a hash, and good for everything', async () => {
    const first = await startServer({ mode: 'postgres', env: { ADMIN_KEY: '' } });
    undo.push(first.stop);
    const key = printedKey(first.stdout()) as string;
    expect(key).toMatch(/^dni_[\w-]{43}$/);
    expect((await api(first.url, key).post('/v1/sites', { name: 'Shop' })).status).toBe(201);
    expect(JSON.stringify(await rowsOf(first, 'select * from keys'))).not.toContain(key);

    const second = await startServer({ mode: 'postgres', env: { ...first.stores, ADMIN_KEY: '' } });
    undo.push(second.stop);
    expect(second.stdout()).not.toContain('Admin key');
    expect((await api(second.url, key).get('/v1/sites')).status).toBe(200);
  });

  test('is not made where ADMIN_KEY is set', async () => {
    const server = await startServer({ mode: 'postgres', env: { DEMO: '' } });
    undo.push(server.stop);
    expect(server.stdout()).not.toContain('Admin key');
    expect(server.stdout()).not.toContain(server.adminKey);
    expect(await rowsOf(server, 'select * from keys')).toEqual([]);
    // Nor is the demo, which nobody asked for.
    expect(await demoAt(server.url)).toEqual({ site: 404, page: false });
  });
});

const demoAt = async (url: string) => ({
  site: (await api(url).get('/dni/demo.js')).status,
  page: (await api(url).get('/demo')).status < 400,
});

describe('the demo', () => {
  test('is there by itself on an empty embedded database, and stays', async () => {
    const dataDir = folder().path;
    for (const _start of [1, 2]) {
      const server = await startServer({ mode: 'embedded', makesDatabase: true, dataDir, env: { DEMO: '' } });
      undo.push(server.kill);
      expect(await demoAt(server.url)).toEqual({ site: 200, page: true });
      expect(server.stdout()).toMatch(/^Demo +http\S+\/demo\?utm_source=google/m);
      const { sites } = (await api(server.url, server.adminKey).get('/v1/sites')).body;
      expect(sites).toHaveLength(1);
      await server.stop();
    }
  }, 120_000);

  test('elsewhere only where and as long as it is asked for', async () => {
    // It has DEMO=0.
    const never = await sharedServer('postgres');
    expect(await demoAt(never.url)).toEqual({ site: 404, page: false });
    const server = await startServer({ mode: 'postgres', env: { DEMO: '1' } });
    undo.push(server.stop);
    expect(await demoAt(server.url)).toEqual({ site: 200, page: true });
    const without = await startServer({ mode: 'postgres', env: { ...server.stores, DEMO: '0' } });
    undo.push(without.stop);
    expect((await demoAt(without.url)).page).toBe(false);
    expect(without.stdout()).not.toContain('Demo');
  }, 120_000);
});
