import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Api, api, type Loose } from '../../support/api.js';
import { startServer, type TestServer } from '../../support/server-process.js';
import { makeSite } from '../../support/site.js';

let server: TestServer;
let admin: Api;
const ids: Record<string, string[]> = { sites: [], trackers: [], numbers: [], keys: [], calls: [] };
beforeAll(async () => {
  server = await startServer({ mode: 'postgres' });
  admin = api(server.url, server.adminKey);
  for (let at = 0; at < 5; at += 1) {
    const site = await makeSite(admin, { numbers: 1, site: { name: at === 0 ? '=1+1, "x"' : `Site ${at}` } });
    const key = await admin.post('/v1/keys', { name: `Key ${at}`, scopes: ['admin', 'calls:write'] });
    const call = await admin.post('/v1/calls/start', { call_id: `call ${at}`, to: site.numbers[0] });
    ids.sites?.push(site.id);
    ids.trackers?.push(site.tracker.id);
    ids.numbers?.push(site.numbers[0] as string);
    ids.keys?.push(key.body.id);
    // Newest first.
    ids.calls?.unshift(call.body.id);
  }
});
afterAll(() => server?.stop());

const idsOf = (rows: Loose[]) => rows.map(({ id }) => id);

/** Nothing comes after these. */
const LAST: Record<string, string> & { id: string } = {
  id: 'ffffffff-ffff-7fff-bfff-ffffffffffff',
  numbers: '+99999999999999',
};

describe.each(['sites', 'trackers', 'numbers', 'keys', 'calls'])('the list of %s', (name) => {
  test('comes whole where it fits one page', async () => {
    const { status, body } = await admin.get(`/v1/${name}`);
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual([name, 'next_cursor']);
    expect(idsOf(body[name])).toEqual(ids[name]);
    expect(body.next_cursor).toBeNull();
  });

  test('comes page by page, each thing once', async () => {
    const seen: string[] = [];
    let path = `/v1/${name}?per_page=2`;
    for (let pages = 1; ; pages += 1) {
      const { body } = await admin.get(path);
      seen.push(...idsOf(body[name]));
      if (body.next_cursor === null) {
        expect(pages).toBe(3);
        break;
      }
      expect(body[name]).toHaveLength(2);
      path = `/v1/${name}?per_page=2&cursor=${encodeURIComponent(body.next_cursor)}`;
    }
    expect(seen).toEqual(ids[name]);
  });

  test('ends with the page that is just full', async () => {
    expect((await admin.get(`/v1/${name}?per_page=5`)).body.next_cursor).toBeNull();
    expect((await admin.get(`/v1/${name}?per_page=1000`)).body[name]).toHaveLength(5);
  });

  test('comes as CSV by the Accept header or by the address, which wins', async () => {
    const byHeader = await admin.get(`/v1/${name}`, { accept: 'text/csv' });
    const byAddress = await admin.get(`/v1/${name}?format=csv`);
    for (const { status, headers, body } of [byHeader, byAddress]) {
      expect(status).toBe(200);
      expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
      const lines = body.split('\r\n');
      expect(lines[0].split(',')).toContain('id');
      // Five things and what follows the last line break.
      expect(lines).toHaveLength(7);
      for (const id of ids[name] as string[]) expect(body).toContain(id);
    }
    const json = await admin.get(`/v1/${name}?format=json`, { accept: 'text/csv' });
    expect(idsOf(json.body[name])).toEqual(ids[name]);
  });
});

test.each([
  ['sites', 'id,key,name,'],
  ['trackers', 'id,site_id,name,'],
  ['numbers', 'id,number,site_id,'],
  ['keys', 'id,name,scopes,'],
  ['calls', 'id,call_id,provider,'],
])('the CSV of %s has its line of names even where there are none', async (name, begin) => {
  const last = name === 'calls' ? '' : `&cursor=${Buffer.from(LAST[name] ?? LAST.id).toString('base64url')}`;
  const filter = name === 'calls' ? '&q=nothing-like-this' : '';
  const { status, body } = await admin.get(`/v1/${name}?format=csv${last}${filter}`);
  expect(status).toBe(200);
  expect(body.startsWith(begin), body).toBe(true);
  expect(body.split('\r\n')).toHaveLength(2);
});

test('a page of CSV says where the next begins', async () => {
  const first = await admin.get('/v1/sites?format=csv&per_page=2');
  const cursor = first.headers.get('x-next-cursor');
  const rest = await admin.get(`/v1/sites?format=csv&cursor=${cursor}`);
  expect(rest.body.split('\r\n')).toHaveLength(5);
  expect(rest.headers.get('x-next-cursor')).toBeNull();
});

test('no cell of a CSV begins a formula', async () => {
  const { body } = await admin.get('/v1/sites?format=csv');
  expect(body).toContain(`"'=1+1, ""x"""`);
});
