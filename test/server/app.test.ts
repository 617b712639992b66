import { beforeAll, describe, expect, test } from 'vitest';
import { api } from '../support/api.js';
import type { TestServer } from '../support/server-process.js';
import { sharedServer } from '../support/shared-server.js';
import { expectProblem } from './routes/expect-problem.js';

let server: TestServer;
beforeAll(async () => {
  server = await sharedServer('postgres');
});

describe('every answer', () => {
  test('carries an id of its own, which the client cannot choose', async () => {
    const ids = [];
    for (const path of ['/healthz', '/nowhere', '/v1/calls', '/%FF', '/docs'])
      ids.push((await api(server.url).get(path, { 'x-request-id': 'mine' })).headers.get('x-request-id'));
    for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('is not sniffed, framed or downgraded by a browser, and does not name what it runs on', async () => {
    const { headers } = await api(server.url).get('/healthz');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('strict-transport-security')).toMatch(/max-age=/);
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('server')).toBeNull();
  });
});

describe('what is asked wrongly', () => {
  test('is answered as a problem, whatever the way', async () => {
    expectProblem(await api(server.url).get('/nowhere'), 404, 'not_found');
    expectProblem(await api(server.url).get('/%FF'), 400, 'invalid_request');
    const { headers } = await api(server.url).get('/nowhere');
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });

  test('a HEAD is a GET without its body', async () => {
    const response = await fetch(`${server.url}/healthz`, { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
    expect((await fetch(`${server.url}/v1/calls`, { method: 'HEAD' })).status).toBe(401);
  });
});
