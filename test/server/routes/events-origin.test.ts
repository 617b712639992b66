import { beforeAll, describe, expect, test } from 'vitest';
import { type Answer, type Api, api, type Loose } from '../../support/api.js';
import type { TestServer } from '../../support/server-process.js';
import { sharedServer } from '../../support/shared-server.js';
import { makeSite, type TestSite } from '../../support/site.js';
import { expectInvalid, expectProblem } from './expect-problem.js';
import { FIREFOX, pageOf } from './page.js';
import { countsOf } from './rows-of.js';

let server: TestServer;
let admin: Api;
let open: TestSite;
beforeAll(async () => {
  server = await sharedServer('postgres');
  admin = api(server.url, server.adminKey);
  open = await makeSite(admin, { numbers: 20 });
});

const expectReadable = (answer: Answer<Loose>) =>
  expect(answer.headers.get('access-control-allow-origin')).toBe('*');

const post = (body: unknown, headers: Record<string, string>) =>
  api(server.url).post('/v1/events', body, { 'user-agent': FIREFOX, ...headers });

const view = () =>
  JSON.stringify({ type: 'view', site: open.key, page: { url: 'https://a.example/' }, found: [open.target] });

describe('a preflight', () => {
  test('is answered for a day, without a key and without a body', async () => {
    const response = await fetch(`${server.url}/v1/events`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://shop.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('access-control-allow-methods')).toContain('POST');
    expect(response.headers.get('access-control-allow-headers')).toContain('content-type');
    expect(response.headers.get('access-control-max-age')).toBe('86400');
  });

  test('that is none, without the headers of one, is answered alike', async () => {
    const response = await fetch(`${server.url}/v1/events`, { method: 'OPTIONS' });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
  });
});

describe('what browsers may read', () => {
  test.each([
    'text/plain',
    'text/plain;charset=UTF-8',
    'application/json',
    'application/json; charset=utf-8',
  ])('an answer to %s', async (type) => {
    const answer = await post(view(), { 'content-type': type, origin: 'https://any.example' });
    expect(answer.status).toBe(200);
    expectReadable(answer);
  });

  test('every kind of refusal', async () => {
    const listed = await makeSite(admin, { site: { allowed_origins: ['https://shop.example'] } });
    const malformed = await post('{', { 'content-type': 'text/plain' });
    expectProblem(malformed, 400, 'invalid_request');
    const empty = await post('', { 'content-type': 'text/plain' });
    expectProblem(empty, 400, 'invalid_request');
    const invalid = await post({ type: 'view' }, {});
    expectInvalid(invalid, 'site', 'page');
    const unknown = await pageOf(server.url, { key: 'nobody', target: open.target }).view();
    expectProblem(unknown, 404, 'unknown_site');
    const elsewhere = await pageOf(server.url, listed).view({}, { origin: 'https://other.example' });
    expectProblem(elsewhere, 403, 'origin_not_allowed');
    const large = await post('x'.repeat(70_000), { 'content-type': 'text/plain' });
    expectProblem(large, 413, 'body_too_large');
    const xml = await post('<view/>', { 'content-type': 'application/xml' });
    expectProblem(xml, 415, 'unsupported_media_type');
    for (const answer of [malformed, empty, invalid, unknown, elsewhere, large, xml]) expectReadable(answer);
  });
});

describe('origins', () => {
  test.each([
    ['https://shop.example', 200],
    ['https://SHOP.example', 200],
    ['https://www.shop.example', 200],
    ['https://a.b.shop.example', 200],
    ['https://ports.example:8443', 200],
    [undefined, 403],
    ['null', 403],
    ['http://shop.example', 403],
    ['https://shop.example:8443', 403],
    ['https://ports.example', 403],
    ['https://notshop.example', 403],
    ['https://shop.example.evil.example', 403],
    ['https://evil.example/.shop.example', 403],
    ['https://evil.example?.shop.example', 403],
    ['https://.shop.example', 403],
  ])('%s with a list: %i', async (origin, status) => {
    const site = await makeSite(admin, {
      site: {
        allowed_origins: ['https://shop.example', 'https://*.shop.example', 'https://ports.example:8443'],
      },
    });
    const page = pageOf(server.url, site);
    const headers: Record<string, string> = origin === undefined ? {} : { origin };
    for (const type of ['view', 'renew', 'lead'] as const) {
      const answer = await page.send({ type, lead: { name: 'Anne' } }, headers);
      if (status === 403) expectProblem(answer, 403, 'origin_not_allowed');
      else expect(answer.status).toBe(type === 'lead' ? 204 : 200);
      expectReadable(answer);
    }
    if (status === 403) {
      expect(new Set(Object.values(await countsOf(server, site.id)))).toEqual(new Set([0]));
    }
  });

  test('without a list every origin may, also none and null', async () => {
    const page = pageOf(server.url, open);
    for (const headers of [{}, { origin: 'null' }, { origin: 'https://any.example' }] as Record<
      string,
      string
    >[])
      expect((await page.view({}, headers)).status).toBe(200);
  });

  test('a change of the list counts at once', async () => {
    const site = await makeSite(admin);
    await admin.patch(`/v1/sites/${site.id}`, { allowed_origins: ['https://new.example'] });
    const page = pageOf(server.url, site);
    expect((await page.view({}, { origin: 'https://old.example' })).status).toBe(403);
    expect((await page.view({}, { origin: 'https://new.example' })).status).toBe(200);
  });
});
