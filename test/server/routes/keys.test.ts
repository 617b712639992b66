import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Api, api } from '../../support/api.js';
import type { TestServer } from '../../support/server-process.js';
import { sharedSecond, sharedServer } from '../../support/shared-server.js';
import { makeSite } from '../../support/site.js';
import { expectInvalid, expectProblem } from './expect-problem.js';
import { rowsOf } from './rows-of.js';
import { until } from './until.js';

describe.each(['postgres', 'redis'] as const)('keys (%s)', (mode) => {
  let server: TestServer;
  let second: TestServer;
  let admin: Api;
  beforeAll(async () => {
    server = await sharedServer(mode);
    second = await sharedSecond(mode);
    admin = api(server.url, server.adminKey);
  });

  test('a key is shown once and kept as a hash', async () => {
    const made = await admin.post('/v1/keys', { name: 'Reports', scopes: ['reports:read', 'reports:read'] });
    expect(made.status).toBe(201);
    const { key, ...shown } = made.body;
    expect(shown).toEqual({
      id: expect.any(String),
      name: 'Reports',
      scopes: ['reports:read'],
      site_id: null,
      created_at: expect.any(String),
    });
    expect(key).toMatch(/^dni_[\w-]{43}$/);
    expect((await admin.get(`/v1/keys/${shown.id}`)).body).toEqual(shown);
    expect((await admin.get('/v1/keys?per_page=1000')).body.keys).toContainEqual(shown);
    const [row] = await rowsOf(server, 'select * from keys where id = $1', [shown.id]);
    expect(row.hash).toBe(createHash('sha256').update(key).digest('hex'));
    expect(JSON.stringify(row)).not.toContain(key);
    expect((await api(server.url, key).get('/v1/calls')).status).toBe(200);
  });

  test('a new key is good on the other server at once, a revoked one on neither', async () => {
    const { id, key } = (await admin.post('/v1/keys', { name: 'Short', scopes: ['reports:read'] })).body;
    const here = () => api(server.url, key).get('/v1/calls');
    const there = () => api(second.url, key).get('/v1/calls');
    await until(there, ({ status }) => status === 200);
    expect((await here()).status).toBe(200);
    const gone = await admin.delete(`/v1/keys/${id}`);
    expect({ status: gone.status, body: gone.body }).toEqual({ status: 204, body: null });
    expectProblem(await here(), 401, 'unauthorized');
    expectProblem(await until(there, ({ status }) => status !== 200), 401, 'unauthorized');
    expectProblem(await admin.get(`/v1/keys/${id}`), 404, 'not_found');
    expectProblem(await admin.delete(`/v1/keys/${id}`), 404, 'not_found');
    expectProblem(await admin.patch(`/v1/keys/${id}`, { name: 'Back' }), 404, 'not_found');
  });

  test('its name and scopes can be changed, on both servers', async () => {
    const { id, key } = (await admin.post('/v1/keys', { name: 'Wide', scopes: ['admin'] })).body;
    await until(
      () => api(second.url, key).get('/v1/sites'),
      ({ status }) => status === 200,
    );
    const changed = await admin.patch(`/v1/keys/${id}`, { scopes: ['calls:write'] });
    expect(changed).toMatchObject({ status: 200, body: { id, name: 'Wide', scopes: ['calls:write'] } });
    expect(changed.body).not.toHaveProperty('key');
    expectProblem(await api(server.url, key).get('/v1/sites'), 403, 'forbidden');
    await until(
      () => api(second.url, key).get('/v1/sites'),
      ({ status }) => status === 403,
    );
  });

  test('what is no key is refused', async () => {
    const make = (body: unknown) => admin.post('/v1/keys', body);
    expectInvalid(await make({ scopes: ['admin'] }), 'name');
    expectInvalid(await make({ name: ' ', scopes: ['admin'] }), 'name');
    expectInvalid(await make({ name: 'x'.repeat(201), scopes: ['admin'] }), 'name');
    expectInvalid(await make({ name: 'x', scopes: ['admin'], site: 'x' }), 'site');
    const { id } = (await make({ name: 'x', scopes: ['calls:write'] })).body;
    expectInvalid(await admin.patch(`/v1/keys/${id}`, { name: 'y', site_id: null }), 'site_id');
    expectInvalid(await make({ name: 'x' }), 'scopes');
    expectInvalid(await make({ name: 'x', scopes: [] }), 'scopes');
    expectInvalid(await make({ name: 'x', scopes: ['root'] }), 'scopes.0');
    expectInvalid(await make({ name: 'x', scopes: ['admin'], site_id: 'me' }), 'site_id');
  });

  test('who has none is told what to send', async () => {
    const answer = await api(server.url).get('/v1/sites');
    expectProblem(answer, 401, 'unauthorized');
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect((await admin.get('/v1/sites')).headers.get('www-authenticate')).toBeNull();
  });

  test('the keys of a site end with it', async () => {
    const site = await makeSite(admin);
    const body = { name: 'Bound', scopes: ['admin'], site_id: site.id };
    const { key } = (await admin.post('/v1/keys', body)).body;
    expect((await api(server.url, key).get('/v1/sites')).status).toBe(200);
    await admin.delete(`/v1/sites/${site.id}`);
    expect((await api(server.url, key).get('/v1/sites')).status).toBe(401);
    await until(
      () => api(second.url, key).get('/v1/sites'),
      ({ status }) => status === 401,
    );
  });
});
