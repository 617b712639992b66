import { beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../../server/lib/ids.js';
import { type Api, api, type Loose } from '../../support/api.js';
import type { TestServer } from '../../support/server-process.js';
import { sharedServer } from '../../support/shared-server.js';
import { makeSite, type TestSite } from '../../support/site.js';
import { expectInvalid, expectProblem } from './expect-problem.js';
import { FIREFOX, pageOf } from './page.js';
import { countsOf } from './rows-of.js';

let server: TestServer;
let admin: Api;
let site: TestSite;
beforeAll(async () => {
  server = await sharedServer('postgres');
  admin = api(server.url, server.adminKey);
  site = await makeSite(admin, { numbers: 50 });
});

const post = (body: unknown, type = 'text/plain') =>
  api(server.url).post('/v1/events', body, { 'user-agent': FIREFOX, 'content-type': type });

const valid = () => ({
  type: 'view',
  site: site.key,
  page: { url: 'https://shop.example/', referrer: '' } as Loose,
  found: [site.target],
});

const sessionOf = async (id: string | null) => (await admin.get(`/v1/sessions/${id}`)).body;

describe('what is not an event is refused, and nothing of it is stored', () => {
  test.each<[string, (body: Loose) => unknown]>([
    ['an unknown type', (body) => ({ ...body, type: 'look' })],
    ['no type', ({ type, ...body }) => body],
    ['no site', ({ site: _, ...body }) => body],
    ['a site that is no text', (body) => ({ ...body, site: 7 })],
    ['no page', ({ page, ...body }) => body],
    ['a page that is a text', (body) => ({ ...body, page: 'https://shop.example/' })],
    ['a URL that is a number', (body) => ({ ...body, page: { url: 1 } })],
    ['numbers found that are no list', (body) => ({ ...body, found: body.found[0] })],
    ['numbers found that are no texts', (body) => ({ ...body, found: [12025550100] })],
    ['too many numbers', (body) => ({ ...body, found: Array(101).fill(body.found[0]) })],
    ['storage that is a text', (body) => ({ ...body, storage: 'no' })],
    ['a consent that is neither', (body) => ({ ...body, consent: 'maybe' })],
    ['ids that are a list', (body) => ({ ...body, ids: ['GA1.1.1'] })],
    ['ids that are objects', (body) => ({ ...body, ids: { ga: { id: 1 } } })],
    ['a list', (body) => [body]],
    ['null', () => null],
    ['a text', () => 'view'],
  ])('%s', async (_name, change) => {
    const before = await countsOf(server, site.id);
    expectProblem(await post(JSON.stringify(change(valid()))), 400, 'invalid_request');
    expect(await countsOf(server, site.id)).toEqual(before);
  });

  test('the fields that were wrong are named', async () => {
    expectInvalid(await post({ ...valid(), type: 'look', page: { url: 1 } }), 'type', 'page.url');
  });

  test.each<[string, unknown, number, string]>([
    ['cut JSON', '{"type":"view","site":', 400, 'invalid_request'],
    ['bytes that are no UTF-8', new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]), 400, 'invalid_request'],
    ['a null byte', '\u0000', 400, 'invalid_request'],
    ['nothing', '', 400, 'invalid_request'],
    ['a key __proto__', '{"__proto__":{"type":"view"}}', 400, 'invalid_request'],
    ['a deep __proto__', '{"type":"view","page":{"url":"","__proto__":{"a":1}}}', 400, 'invalid_request'],
    ['a constructor', '{"constructor":{"prototype":{"a":1}}}', 400, 'invalid_request'],
    ['deep nesting', `${'['.repeat(30_000)}${']'.repeat(30_000)}`, 400, 'invalid_request'],
    ['deep objects', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`, 400, 'invalid_request'],
    ['a body over the limit', `{"type":"${'x'.repeat(65_536)}"}`, 413, 'body_too_large'],
  ])('%s', async (_name, body, status, code) => {
    expectProblem(await post(body), status, code);
    expectProblem(await post(body, 'application/json'), status, code);
  });

  test.each(['application/xml', 'multipart/form-data; boundary=x', 'image/png', 'text/html'])(
    'a body of type %s',
    async (type) => expectProblem(await post('{}', type), 415, 'unsupported_media_type'),
  );
});

describe('what is odd but can be read is taken sanely', () => {
  test('broken UTF-8, NUL and control characters in parameters, title, ids and form', async () => {
    const page = pageOf(server.url, site);
    const url =
      'https://shop.example/%00/%FF?utm_source=go%00og%FFle&utm_medium=%ED%A0%80cpc&utm_campaign=a%0Ab%09c&utm_term=%C3%28&%00=%00&x%FF=%F0%9F%98&gclid=A%00b';
    const odd = 'a\u0000b\u0007c\ud800d\ufffee';
    const { status, body } = await page.view({
      page: { url, title: odd, referrer: 'https://ref.example/%00%FF' },
      ids: { ga: odd, [`k${odd}`]: odd },
    });
    expect(status).toBe(200);
    expect(body.status).toBe('ok');
    const session = await sessionOf(body.session);
    expect(session.source).toMatch(/^goog.*le$/);
    expect(session.campaign).toMatch(/^a ?b ?c$/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(JSON.stringify(session)).not.toMatch(/\\u00[01][0-9a-f]|[\u0000-\u001f]|\\ud[89a-f]/i);
    const { visitor } = body;
    const lead = { name: odd, phone: odd, email: odd, fields: { [`k${odd}`]: odd } };
    expect((await page.send({ type: 'lead', visitor, lead })).status).toBe(204);
    expect((await page.send({ type: 'code', visitor, page: { url } })).body.code).toBeDefined();
  });

  test('raw bytes that are no UTF-8 within a text', async () => {
    const text = JSON.stringify({ ...valid(), page: { url: 'https://shop.example/?utm_source=@' } });
    const bytes = Buffer.from(text);
    bytes[bytes.indexOf('@')] = 0xff;
    const { status, body } = await post(new Uint8Array(bytes));
    expect(status).toBe(200);
    expect((await sessionOf(body.session)).source).toContain('\ufffd');
  });

  test('a URL of 10 kB', async () => {
    const url = `https://shop.example/?a=${'x'.repeat(10_000)}&utm_source=late&utm_medium=email`;
    const { status, body } = await pageOf(server.url, site).view({ page: { url } });
    expect(status).toBe(200);
    const session = await sessionOf(body.session);
    expect(session).toMatchObject({ source: 'late', medium: 'email' });
    expect(session.landing_page_url.length).toBeLessThanOrEqual(10_100);
  });

  test.each([
    '',
    'not a url',
    'javascript:alert(1)',
    'data:text/html,x',
    '//x',
    'https://',
    'file:///etc/passwd',
  ])('a page at %j', async (url) => {
    const { status, body } = await pageOf(server.url, site).view({ page: { url, referrer: url } });
    expect(status).toBe(200);
    expect(await sessionOf(body.session)).toMatchObject({ source: '(direct)', medium: '(none)' });
  });

  test('ids that are none: each is replaced or left out', async () => {
    const nil = '00000000-0000-0000-0000-000000000000';
    for (const id of ['', 'me', nil, nil.replaceAll('0', 'f'), "'; drop table visitors; --", 7, {}, null]) {
      const { status, body } = await post({
        ...valid(),
        visitor: id,
        session: id,
        page: { id, url: 'https://a.example/' },
      });
      expect({ id, status }).toEqual({ id, status: 200 });
      expect(body.visitor).not.toBe(id);
      expect(body.session).not.toBe(id);
    }
  });

  test('numbers found that are none are left out, keys of objects are only keys', async () => {
    const { body } = await post({ ...valid(), found: ['', 'x', '+1', '+', '0'.repeat(20), site.target] });
    expect(body.swaps).toHaveLength(1);
    const keys = { toString: 'a', hasOwnProperty: 'b', valueOf: 'c' };
    expect((await post({ ...valid(), ids: keys, found: undefined, extra: { a: [1] } })).status).toBe(200);
  });

  test('a session and a visitor that are well-formed and nobody’s', async () => {
    const answer = await pageOf(server.url, site).send({ type: 'renew', visitor: newId(), session: newId() });
    expect(answer.body).toMatchObject({ status: 'no_number', swaps: [] });
  });
});
