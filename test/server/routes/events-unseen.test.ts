import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../../server/lib/ids.js';
import { type Api, api } from '../../support/api.js';
import { startServer, type TestServer } from '../../support/server-process.js';
import { makeSite } from '../../support/site.js';
import { pageOf } from './page.js';
import { countsOf, rowsOf } from './rows-of.js';

let server: TestServer;
let admin: Api;
beforeAll(async () => {
  server = await startServer({ mode: 'redis', env: { TRUST_PROXY: '127.0.0.1' } });
  admin = api(server.url, server.adminKey);
});
afterAll(() => server?.stop());

const NOBODY = { visitor: null, session: null, swaps: [], renew_after: null };
const TYPES = ['renew', 'leave', 'tap', 'code', 'lead', 'withdraw'] as const;

async function expectNothingStored(siteId: string): Promise<void> {
  expect(new Set(Object.values(await countsOf(server, siteId)))).toEqual(new Set([0]));
  const numbers = await rowsOf(server, 'select lease_id from numbers where site_id = $1', [siteId]);
  expect(numbers.every((row) => row.lease_id === null)).toBe(true);
}

describe('a bot', () => {
  const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)';
  test.each([
    ['HeadlessChrome', { 'user-agent': `${chrome} HeadlessChrome/140.0.0.0 Safari/537.36` }],
    [
      'Googlebot',
      { 'user-agent': 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)' },
    ],
    ['curl', { 'user-agent': 'curl/8.5.0' }],
    ['nobody', { 'user-agent': '' }],
    ['a page loaded ahead', { 'sec-purpose': 'prefetch;prerender' }],
  ])(
    '%s is told nothing and leaves nothing, whatever it sends',
    async (_name, headers: Record<string, string>) => {
      const site = await makeSite(admin);
      const page = pageOf(server.url, site);
      const visitor = newId();
      const viewed = await page.view({ visitor }, headers);
      expect({ status: viewed.status, body: viewed.body }).toEqual({
        status: 200,
        body: { ...NOBODY, status: 'bot' },
      });
      for (const type of TYPES) {
        const answer = await page.send(
          { type, visitor, number: site.numbers[0], lead: { name: 'Anne' } },
          headers,
        );
        if (type === 'renew' || type === 'code') expect(answer.body).toEqual({ ...NOBODY, status: 'bot' });
        else
          expect({ type, status: answer.status, body: answer.body }).toEqual({
            type,
            status: 204,
            body: null,
          });
      }
      await expectNothingStored(site.id);
    },
  );
});

describe('who is excluded', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7'],
    ['198.51.100.0/24', '198.51.100.200'],
    ['2001:db8::/32', '2001:db8:1::5'],
    ['192.0.2.9', '::ffff:192.0.2.9'],
  ])('by address (%s) keeps the page as it is', async (excluded, address) => {
    const site = await makeSite(admin, { site: { excluded_addresses: [excluded] } });
    const page = pageOf(server.url, site);
    const { status, body } = await page.view({}, { 'x-forwarded-for': address });
    expect({ status, body }).toEqual({ status: 200, body: { ...NOBODY, status: 'excluded' } });
    for (const type of ['leave', 'tap', 'lead'] as const) {
      const event = { type, visitor: newId(), lead: { name: 'Anne' } };
      expect((await page.send(event, { 'x-forwarded-for': address })).status).toBe(204);
    }
    await expectNothingStored(site.id);
    expect((await page.view({}, { 'x-forwarded-for': '203.0.113.1' })).body.status).toBe('ok');
  });

  test('by host, exact or below', async () => {
    const site = await makeSite(admin, {
      site: { excluded_hosts: ['staging.shop.example', '*.preview.example'] },
    });
    const page = pageOf(server.url, site);
    const statusAt = async (url: string) => (await page.view({ page: { url } })).body.status;
    expect(await statusAt('https://staging.shop.example/')).toBe('excluded');
    expect(await statusAt('https://STAGING.shop.example:8443/x?y')).toBe('excluded');
    expect(await statusAt('https://a.b.preview.example/')).toBe('excluded');
    await expectNothingStored(site.id);
    expect(await statusAt('https://preview.example/')).toBe('ok');
    expect(await statusAt('https://shop.example/')).toBe('ok');
    expect(await statusAt('https://notstaging.shop.example/')).toBe('ok');
  });
});
