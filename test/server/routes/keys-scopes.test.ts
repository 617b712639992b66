import { beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../../server/lib/ids.js';
import { type Api, api, type Loose } from '../../support/api.js';
import type { TestServer } from '../../support/server-process.js';
import { sharedServer } from '../../support/shared-server.js';
import { expectProblem } from './expect-problem.js';

let server: TestServer;
let admin: Api;
let routes: [method: string, path: string, operation: Loose][];
beforeAll(async () => {
  server = await sharedServer('postgres');
  admin = api(server.url, server.adminKey);
  const { paths } = (await api(server.url).get('/docs/json')).body;
  routes = Object.entries<Record<string, Loose>>(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(
      ([method, operation]) => [method.toUpperCase(), path, operation] as [string, string, Loose],
    ),
  );
});

/** What may be asked without a key: by the site key, by the provider's signature, or open to all. */
const OPEN = [
  /^\/healthz$/,
  /^\/readyz$/,
  /^\/metrics$/,
  /^\/dni\//,
  /^\/docs/,
  /^\/demo/,
  /^\/v1\/events$/,
  /^\/v1\/providers\//,
];
const isOpen = (path: string) => OPEN.some((pattern) => pattern.test(path));

/** The scope by the contract: admin for settings, calls:write for providers and notes, else reports:read. */
function scopeOf(method: string, path: string): string {
  if (/^\/v1\/(sites|trackers|numbers|keys)/.test(path)) return 'admin';
  return method === 'GET' ? 'reports:read' : 'calls:write';
}

/** What is not JSON may have no end. */
async function bodyOf(response: Response): Promise<Loose> {
  if (/json/.test(response.headers.get('content-type') ?? '')) return response.json();
  await response.body?.cancel();
  return null;
}

const ask = (method: string, path: string, key?: string) =>
  fetch(`${server.url}${path.replace('{id}', newId())}`, {
    method,
    headers: {
      ...(key ? { authorization: `Bearer ${key}` } : {}),
      ...(method === 'GET' || method === 'DELETE' ? {} : { 'content-type': 'application/json' }),
    },
    body: method === 'GET' || method === 'DELETE' ? undefined : '{}',
  }).then(async (response) => ({
    status: response.status,
    headers: response.headers,
    body: await bodyOf(response),
  }));

async function keyWith(...scopes: string[]): Promise<string> {
  const made = await admin.post('/v1/keys', { name: scopes.join(), scopes });
  expect(made.status).toBe(201);
  return made.body.key;
}

describe('every route behind a key', () => {
  test('is there', () => {
    const closed = routes.filter(([, path]) => !isOpen(path));
    expect(closed.length).toBeGreaterThanOrEqual(30);
    for (const [method, path, operation] of closed)
      expect(operation.security, path).toEqual([{ key: [scopeOf(method, path)] }]);
    for (const [, path, operation] of routes.filter(([, path]) => isOpen(path)))
      expect(operation.security, path).toEqual([]);
  });

  test('answers 401 without a key and with a wrong one', async () => {
    for (const [method, path] of routes.filter(([, path]) => !isOpen(path))) {
      for (const key of [undefined, 'wrong', 'dni_wrong'])
        expectProblem(await ask(method, path, key), 401, 'unauthorized');
    }
  });

  test('answers 403 to a key of the other scopes, and not to one of its own', async () => {
    const all = ['admin', 'reports:read', 'calls:write'];
    const keys = new Map(await Promise.all(all.map(async (scope) => [scope, await keyWith(scope)] as const)));
    const others = new Map(
      await Promise.all(
        all.map(async (scope) => {
          const rest = all.filter((other) => other !== scope && other !== 'admin');
          return [scope, await keyWith(...rest)] as const;
        }),
      ),
    );
    for (const [method, path] of routes.filter(([, path]) => !isOpen(path))) {
      const scope = scopeOf(method, path);
      const refused = await ask(method, path, others.get(scope));
      expect({ method, path, status: refused.status }).toEqual({ method, path, status: 403 });
      expectProblem(refused, 403, 'forbidden');
      for (const good of [scope, 'admin']) {
        const let_in = await ask(method, path, keys.get(good));
        expect([200, 201, 400, 404], `${method} ${path}`).toContain(let_in.status);
      }
    }
  });
});

describe('how a key is sent', () => {
  test('as a bearer, the word in any case; nothing else', async () => {
    const key = server.adminKey;
    const statusOf = async (authorization: string) =>
      (await api(server.url).get('/v1/sites', { authorization })).status;
    expect(await statusOf(`Bearer ${key}`)).toBe(200);
    expect(await statusOf(`bearer  ${key}`)).toBe(200);
    const basic = Buffer.from(`x:${key}`).toString('base64');
    for (const wrong of [
      key,
      `Basic ${basic}`,
      `Bearer ${key} x`,
      `Bearer`,
      `Bearer x${key}`,
      `Bearer ${key}x`,
    ])
      expect(await statusOf(wrong)).toBe(401);
    expect((await api(server.url).get(`/v1/sites?key=${key}`)).status).toBe(401);
  });
});
