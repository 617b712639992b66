import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { numberPattern } from '../../../server/domain/settings/number-pattern.js';
import { type Api, api } from '../../support/api.js';
import type { TestServer } from '../../support/server-process.js';
import { sharedServer } from '../../support/shared-server.js';
import { makeSite, type TestSite } from '../../support/site.js';
import { expectProblem } from './expect-problem.js';

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));

let server: TestServer;
let admin: Api;
let site: TestSite;
beforeAll(async () => {
  server = await sharedServer('postgres');
  admin = api(server.url, server.adminKey);
  site = await makeSite(admin);
});

interface Raw {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** As the bytes come: fetch would decode them. */
const raw = (path: string, headers: Record<string, string> = {}) =>
  new Promise<Raw>((resolve, reject) => {
    const ask = request(`${server.url}${path}`, { headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }),
      );
    });
    ask.on('error', reject).end();
  });

const ofSite = () => `/dni/${site.key}.js`;

describe('the script of a site', () => {
  test('is JavaScript with the targets in front, kept for five minutes, for any page', async () => {
    const { status, headers, body } = await raw(ofSite());
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=300',
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
      etag: expect.stringMatching(/^"[\w-]+"$/),
    });
    expect(String(headers.vary)).toMatch(/accept-encoding/i);
    expect(headers['content-encoding']).toBeUndefined();
    const text = body.toString('utf8');
    expect(() => new Function(text)).not.toThrow();
    for (const part of [site.key, site.target, server.url]) expect(text).toContain(part);
    for (const number of site.numbers) expect(text).not.toContain(number);
  });

  test.each([
    ['br', 'br'],
    ['gzip', 'gzip'],
    ['gzip, deflate, br', 'br'],
    ['gzip, br;q=0', 'gzip'],
    ['identity', undefined],
    ['', undefined],
  ])('accepting %j comes as %s', async (accept, coding) => {
    const plain = (await raw(ofSite())).body;
    const { headers, body } = await raw(ofSite(), { 'accept-encoding': accept });
    expect(headers['content-encoding']).toBe(coding);
    const decoded =
      coding === 'br' ? brotliDecompressSync(body) : coding === 'gzip' ? gunzipSync(body) : body;
    expect(decoded.equals(plain)).toBe(true);
    if (coding) expect(body.length).toBeLessThan(plain.length);
  });

  test('names the domain that the hosts of the site have in common, where there is one', async () => {
    const config = async () => (await raw(ofSite())).body.toString('utf8').slice(-300);
    expect(await config()).not.toContain('"domain"');
    const allowed_origins = ['https://shop.example', 'https://www.shop.example'];
    await admin.patch(`/v1/sites/${site.id}`, { allowed_origins });
    expect(await config()).toContain('"domain":"shop.example"');
    await admin.patch(`/v1/sites/${site.id}`, { allowed_origins: [] });
  });

  test('says what to look for, the longest number first', async () => {
    const targets = ['+12125550188', '+493023125123', site.target];
    await admin.patch(`/v1/trackers/${site.tracker.id}`, { targets });
    const text = (await raw(ofSite())).body.toString('utf8');
    const config = JSON.parse(text.slice(text.lastIndexOf('({"site"') + 1, -2));
    expect(config.targets.toSorted()).toEqual(targets.toSorted());
    expect(config).toMatchObject(numberPattern(targets));
    const [match] = 'call 030 23125-123'.matchAll(RegExp(config.pattern, 'gi'));
    expect(match?.[1 + config.targets.indexOf('+493023125123')]).toBe('30 23125-123');
    await admin.patch(`/v1/trackers/${site.tracker.id}`, { targets: [site.target] });
  });

  test('is not sent again to who has it', async () => {
    for (const accept of ['br', 'gzip', 'identity']) {
      const headers = { 'accept-encoding': accept };
      const etag = String((await raw(ofSite(), headers)).headers.etag);
      for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
        const again = await raw(ofSite(), { ...headers, 'if-none-match': known });
        expect({ status: again.status, length: again.body.length }).toEqual({ status: 304, length: 0 });
        expect(again.headers).toMatchObject({ etag, 'cache-control': 'public, max-age=300' });
      }
      expect((await raw(ofSite(), { ...headers, 'if-none-match': '"other"' })).status).toBe(200);
    }
  });

  test('has another tag when the targets change', async () => {
    const before = await raw(ofSite());
    await admin.patch(`/v1/trackers/${site.tracker.id}`, { targets: [site.target, '+12125550188'] });
    const after = await raw(ofSite(), { 'if-none-match': String(before.headers.etag) });
    expect(after.status).toBe(200);
    expect(after.headers.etag).not.toBe(before.headers.etag);
    expect(after.body.toString('utf8')).toContain('+12125550188');
  });

  test('of nobody is not found', async () => {
    for (const file of [
      'nobody.js',
      `${site.key}`,
      `${site.key}.css`,
      `v${version}.1.js`,
      '.js',
      '__proto__.js',
      '%00.js',
    ])
      expectProblem(await api(server.url).get(`/dni/${file}`), 404, 'unknown_site');
  });

  test('is refused with the header that lets a page read why', async () => {
    const answer = await raw('/dni/nobody.js');
    expect(answer).toMatchObject({ status: 404, headers: { 'access-control-allow-origin': '*' } });
  });
});

describe('the script of a version', () => {
  test('never changes: it is kept for ever, and knows no site', async () => {
    const path = `/dni/v${version}.js`;
    const { status, headers, body } = await raw(path);
    expect(status).toBe(200);
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(headers['access-control-allow-origin']).toBe('*');
    expect(() => new Function(body.toString('utf8'))).not.toThrow();
    expect(body.toString('utf8')).not.toContain(site.key);
    expect((await raw(path, { 'if-none-match': String(headers.etag) })).status).toBe(304);
    expect((await raw(path, { 'accept-encoding': 'br' })).headers['content-encoding']).toBe('br');
  });
});
