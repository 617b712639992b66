import { beforeAll, expect, test } from 'vitest';
import { type Api, api, type Loose } from '../../support/api.js';
import type { TestServer } from '../../support/server-process.js';
import { sharedServer } from '../../support/shared-server.js';
import { expectInvalid, expectProblem } from './expect-problem.js';

let server: TestServer;
let admin: Api;
beforeAll(async () => {
  server = await sharedServer('postgres');
  admin = api(server.url, server.adminKey);
});

const makeSite = async (given: object = {}): Promise<string> =>
  (await admin.post('/v1/sites', { name: 'Shop', ...given })).body.id;
const cost = (given: object = {}) => ({
  date: '2026-10-31',
  source: 'google',
  medium: 'cpc',
  campaign: 'winter',
  cost: 12.5,
  ...given,
});
const costsOf = async (site: string, query = ''): Promise<Loose[]> =>
  (await admin.get(`/v1/costs?site_id=${site}${query}`)).body.costs;
const postCsv = (path: string, text: string, by = admin) =>
  by.post(path, text, { 'content-type': 'text/csv' });

test('costs are stored as they are told, cleaned as the names of sessions are', async () => {
  const site = await makeSite({ currency: 'eur' });
  const costs = [
    cost({
      source: ' Google\t',
      keyword: 'boiler  repair',
      cost: 0.1234,
      currency: 'EUR',
      clicks: 3,
      impressions: 90,
    }),
    cost({ date: '2026-11-01', campaign: null, medium: '' }),
  ];
  expect(await admin.post('/v1/costs', { site_id: site, costs })).toMatchObject({
    status: 200,
    body: { saved: 2 },
  });
  const updated_at = expect.stringMatching(/Z$/);
  expect(await costsOf(site)).toEqual([
    {
      site_id: site,
      date: '2026-10-31',
      source: 'Google',
      medium: 'cpc',
      campaign: 'winter',
      keyword: 'boiler  repair',
      cost: 0.1234,
      currency: 'EUR',
      clicks: 3,
      impressions: 90,
      channel: 'Paid Search',
      updated_at,
    },
    {
      site_id: site,
      date: '2026-11-01',
      source: 'google',
      medium: null,
      campaign: null,
      keyword: null,
      cost: 12.5,
      currency: 'EUR',
      clicks: null,
      impressions: null,
      channel: 'Organic Search',
      updated_at,
    },
  ]);
});

test('the same day and key again replaces, and nothing else', async () => {
  const site = await makeSite();
  await admin.post('/v1/costs', { site_id: site, costs: [cost({ clicks: 5 }), cost({ source: 'bing' })] });
  await admin.post('/v1/costs', { site_id: site, costs: [cost({ cost: 20 })] });
  const rows = (await costsOf(site)).map(({ source, cost: spent, clicks }) => [source, spent, clicks]);
  expect(rows).toEqual([
    ['bing', 12.5, null],
    ['google', 20, null],
  ]);
});

test('a cost has the channel of a session with its names, by the rules of the site', async () => {
  const site = await makeSite({
    channel_rules: [
      { channel: 'Ads', match: { source: 'google', click_id: 'gclid' } },
      { channel: 'Brand', match: { campaign: 'brand' } },
      { channel: 'Partners', match: { source: ['partner.example'] } },
    ],
  });
  const named = [
    ['google', 'cpc', 'winter', 'Paid Search'],
    ['google', 'cpc', 'Brand', 'Brand'],
    ['facebook', 'paid_social', 'winter', 'Paid Social'],
    ['partner.example', 'referral', '', 'Partners'],
    ['letter', 'email', '', 'Email'],
    ['flyer', '', '', 'Unassigned'],
  ] as const;
  const costs = named.map(([source, medium, campaign]) => cost({ source, medium, campaign }));
  expect((await admin.post('/v1/costs', { site_id: site, costs })).body).toEqual({ saved: named.length });
  const told = (await costsOf(site)).map(({ source, medium, campaign, channel }) =>
    [source, medium ?? '', campaign ?? '', channel].join(),
  );
  expect(told.sort()).toEqual(named.map((one) => one.join()).sort());
});

test('one wrong row keeps all of them out, and is named', async () => {
  const site = await makeSite();
  const post = (...costs: object[]) => admin.post('/v1/costs', { site_id: site, costs });
  expectInvalid(
    await post(cost(), cost({ date: '31.10.2026' }), cost({ cost: -1 })),
    'costs.1.date',
    'costs.2.cost',
  );
  expectInvalid(
    await post(cost({ date: '1026-10-31', source: ' ', cost: '5' })),
    'costs.0.date',
    'costs.0.source',
    'costs.0.cost',
  );
  expectInvalid(
    await post(cost({ clicks: 1.5, impressions: -1, price: 1, channel: 'Email' })),
    'costs.0.channel',
    'costs.0.clicks',
    'costs.0.impressions',
    'costs.0.price',
  );
  expectInvalid(await post(cost({ source: 'bing' }), cost(), cost({ campaign: ' winter ' })), 'costs.2');
  const other = await post(cost({ currency: 'eur' }));
  expectInvalid(other, 'costs.0.currency');
  expect(other.body.errors[0].message).toContain('counts in USD');
  expectInvalid(await post(cost({ currency: 'EURO' })), 'costs.0.currency');
  expectInvalid(await admin.post('/v1/costs', { costs: [cost()] }), 'site_id');
  expect(await costsOf(site)).toEqual([]);
});

test('CSV is taken too, and its errors tell the line', async () => {
  const site = await makeSite();
  const path = `/v1/costs?site_id=${site}`;
  const head = 'date,source,medium,campaign,cost\r\n';
  const good = await postCsv(
    path,
    `${head}2026-10-31,google,cpc,"Sale, 50 %",7.5\r\n2026-11-01,google,cpc,,1\r\n`,
  );
  expect(good).toMatchObject({ status: 200, body: { saved: 2 } });
  expect((await costsOf(site)).map(({ campaign, cost: spent }) => [campaign, spent])).toEqual([
    ['Sale, 50 %', 7.5],
    [null, 1],
  ]);
  expectInvalid(await postCsv(path, `${head}2026-10-31,google,cpc,,much\r\n`), 'lines.2.cost');
  const row = '2026-10-31,google,cpc,,1\r\n';
  expectInvalid(await postCsv(path, `${head}\r\n${row}${row}`), 'lines.4');
  expectInvalid(
    await postCsv(path, `date,source,medium,cost,currency\r\n2026-10-31,google,cpc,1,EUR`),
    'lines.2.currency',
  );
  expectInvalid(await postCsv('/v1/costs', head + row), 'site_id');
  expectProblem(
    await admin.post('/v1/costs', 'x', { 'content-type': 'application/xml' }),
    415,
    'unsupported_media_type',
  );
  // Elsewhere CSV is none of our business.
  expectProblem(await postCsv('/v1/sites', 'name\nShop\n'), 415, 'unsupported_media_type');
});

test('the list comes page by page, by its filters, and as CSV', async () => {
  const site = await makeSite();
  const costs = ['2026-10-01', '2026-10-02', '2026-10-03'].flatMap((date) =>
    ['bing', '=google'].map((source) => cost({ date, source, keyword: 'ü'.repeat(512) })),
  );
  await admin.post('/v1/costs', { site_id: site, costs });
  const seen: string[] = [];
  let path = `/v1/costs?site_id=${site}&per_page=4`;
  for (;;) {
    const { status, body } = await admin.get(path);
    expect(status).toBe(200);
    seen.push(...body.costs.map(({ date, source }: Loose) => `${date} ${source}`));
    if (body.next_cursor === null) break;
    path = `/v1/costs?site_id=${site}&per_page=4&cursor=${body.next_cursor}`;
  }
  const all = costs.map(({ date, source }: Loose) => `${date} ${source}`);
  expect(seen).toHaveLength(6);
  expect([...seen].sort()).toEqual([...all].sort());
  expect(await costsOf(site, '&start_date=2026-10-02&end_date=2026-10-02')).toHaveLength(2);
  expect(await costsOf(site, '&end_date=2026-10-02&source=bing')).toHaveLength(2);
  const { headers, body } = await admin.get(`/v1/costs?site_id=${site}&format=csv&per_page=5`);
  expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(headers.get('x-next-cursor')).toEqual(expect.any(String));
  expect(body).toContain("'=google");
  const wrong = [JSON.stringify([site, '0000-01-01', 'a', '', '', '']), '[]', 'x'];
  for (const text of wrong) {
    const cursor = Buffer.from(text).toString('base64url');
    expectProblem(await admin.get(`/v1/costs?cursor=${cursor}`), 400, 'invalid_request');
  }
});

test('costs of some days are deleted, of one source or all', async () => {
  const site = await makeSite();
  const other = await makeSite();
  const costs = ['2026-10-01', '2026-10-02'].flatMap((date) =>
    ['bing', 'google'].map((source) => cost({ date, source })),
  );
  for (const site_id of [site, other]) await admin.post('/v1/costs', { site_id, costs });
  const days = 'start_date=2026-10-01&end_date=2026-10-01';
  expect((await admin.delete(`/v1/costs?site_id=${site}&${days}&source=bing`)).status).toBe(204);
  expect(await costsOf(site)).toHaveLength(3);
  expect((await admin.delete(`/v1/costs?site_id=${site}&${days}`)).status).toBe(204);
  expect((await costsOf(site)).map(({ date }) => date)).toEqual(['2026-10-02', '2026-10-02']);
  expectInvalid(await admin.delete(`/v1/costs?site_id=${site}&start_date=2026-10-01`), 'end_date');
  expectInvalid(await admin.delete(`/v1/costs?${days}`), 'site_id');
  expect(await costsOf(other)).toHaveLength(4);
});

test('a key that is bound to a site knows that site alone', async () => {
  const [own, other] = [await makeSite(), await makeSite()];
  const { key } = (
    await admin.post('/v1/keys', { name: 'Ads', scopes: ['calls:write', 'reports:read'], site_id: own })
  ).body;
  const bound = api(server.url, key);
  await admin.post('/v1/costs', { site_id: other, costs: [cost()] });
  expect((await bound.post('/v1/costs', { costs: [cost()] })).body).toEqual({ saved: 1 });
  expectProblem(await bound.post('/v1/costs', { site_id: other, costs: [cost()] }), 404, 'not_found');
  expectProblem(await bound.get(`/v1/costs?site_id=${other}`), 404, 'not_found');
  expectProblem(
    await bound.delete(`/v1/costs?site_id=${other}&start_date=2026-10-01&end_date=2026-12-01`),
    404,
    'not_found',
  );
  const listed = (await bound.get('/v1/costs')).body.costs.map(({ site_id }: Loose) => site_id);
  expect(listed).toEqual([own]);
  expect(await costsOf(other)).toHaveLength(1);
});

test('the currency of a site stays while it has costs in it', async () => {
  const site = await makeSite();
  await admin.post('/v1/costs', { site_id: site, costs: [cost()] });
  expectProblem(await admin.patch(`/v1/sites/${site}`, { currency: 'GBP' }), 409, 'conflict');
  expect((await admin.patch(`/v1/sites/${site}`, { currency: 'USD', name: 'New' })).body).toMatchObject({
    currency: 'USD',
  });
  await admin.delete(`/v1/costs?site_id=${site}&start_date=2026-10-31&end_date=2026-10-31`);
  expect((await admin.patch(`/v1/sites/${site}`, { currency: 'GBP' })).body.currency).toBe('GBP');
  expect((await admin.post('/v1/costs', { site_id: site, costs: [cost({ currency: 'GBP' })] })).status).toBe(
    200,
  );
});
