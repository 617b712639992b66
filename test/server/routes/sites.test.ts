import { beforeAll, describe, expect, test } from 'vitest';
import { type Api, api } from '../../support/api.js';
import type { TestServer } from '../../support/server-process.js';
import { sharedServer } from '../../support/shared-server.js';
import { makeSite } from '../../support/site.js';
import { expectInvalid, expectProblem } from './expect-problem.js';
import { pageOf } from './page.js';
import { rowsOf } from './rows-of.js';

let server: TestServer;
let admin: Api;
beforeAll(async () => {
  server = await sharedServer('redis');
  admin = api(server.url, server.adminKey);
});

describe('a site', () => {
  test('needs a name only; what is left out is said by the answer', async () => {
    const made = await admin.post('/v1/sites', { name: 'Shop' });
    expect(made.status).toBe(201);
    expect(made.body).toEqual({
      id: expect.any(String),
      key: expect.stringMatching(/^s[a-z0-9]{15}$/),
      name: 'Shop',
      time_zone: 'UTC',
      default_region: 'US',
      allowed_origins: [],
      min_confidence: 0.5,
      qualified_seconds: 60,
      currency: 'USD',
      excluded_addresses: [],
      excluded_hosts: [],
      providers: {},
      channel_rules: [],
      channels_derived: true,
      created_at: expect.any(String),
      retired_at: null,
    });
    expect((await admin.get(`/v1/sites/${made.body.id}`)).body).toEqual(made.body);
  });

  test('takes all its fields, and a change touches only what it names', async () => {
    const fields = {
      name: 'Laden',
      time_zone: 'Europe/Berlin',
      default_region: 'DE',
      allowed_origins: ['https://laden.example', 'https://*.laden.example', 'http://localhost:8080'],
      min_confidence: 0,
      qualified_seconds: 0,
      currency: 'EUR',
      excluded_addresses: ['192.0.2.1', '2001:db8::/32'],
      excluded_hosts: ['test.laden.example', '*.preview.example'],
      channel_rules: [
        {
          channel: 'Partners',
          match: { source: ['a', 'b'], referrer_domain: 'partner.example', click_id: 'gclid' },
        },
        { channel: 'Rest', match: {} },
      ],
    };
    const { id, key, created_at } = (await admin.post('/v1/sites', { ...fields, default_region: 'de' })).body;
    const changed = await admin.patch(`/v1/sites/${id}`, { qualified_seconds: 30 });
    const site = {
      ...fields,
      id,
      key,
      created_at,
      qualified_seconds: 30,
      providers: {},
      channels_derived: true,
      retired_at: null,
    };
    expect(changed).toMatchObject({ status: 200, body: site });
    expect((await admin.patch(`/v1/sites/${id}`, {})).body).toEqual(site);
    expect((await admin.get(`/v1/sites/${id}`)).body).toEqual(site);
  });

  test('keeps the secrets of a provider to itself', async () => {
    const twilio = { account_sid: 'AC00000000000000000000000000000000', auth_token: 'a-secret-of-twilio' };
    const made = await admin.post('/v1/sites', { name: 'Shop', providers: { twilio } });
    const shown = { twilio: { account_sid: twilio.account_sid, auth_token_set: true } };
    const { id } = made.body;
    const answers = [
      made,
      await admin.get(`/v1/sites/${id}`),
      await admin.get('/v1/sites?per_page=1000'),
      await admin.get('/v1/sites?format=csv&per_page=1000'),
      await admin.patch(`/v1/sites/${id}`, { name: 'Other' }),
      await admin.patch(`/v1/sites/${id}`, { providers: { twilio } }),
    ];
    for (const { body } of answers) expect(JSON.stringify(body)).not.toContain('a-secret');
    expect(made.body.providers).toEqual(shown);
    expect(answers[4]?.body.providers).toEqual(shown);
    const [row] = await rowsOf(server, 'select providers from sites where id = $1', [id]);
    expect(row.providers.twilio.auth_token).toBe(twilio.auth_token);
    expect((await admin.patch(`/v1/sites/${id}`, { providers: {} })).body.providers).toEqual({});
  });

  test('refuses what is no field of it, and says which', async () => {
    const made = await admin.post('/v1/sites', { name: 'Shop', timezone: 'Europe/Berlin', key: 'mine' });
    expectInvalid(made, 'timezone', 'key');
    const { id } = (await admin.post('/v1/sites', { name: 'Shop' })).body;
    expectInvalid(await admin.patch(`/v1/sites/${id}`, { timezone: 'Europe/Berlin', id }), 'timezone', 'id');
    const twilio = { auth_token: 'secret', token: 'secret' };
    expectInvalid(await admin.patch(`/v1/sites/${id}`, { providers: { twilio } }), 'providers.twilio.token');
    expect((await admin.get(`/v1/sites/${id}`)).body.providers).toEqual({});
  });

  test('keeps origins as browsers send them', async () => {
    const allowed_origins = [
      'HTTPS://Www.Shop.Example:443',
      'http://shop.example:80',
      'https://*.shop.example:0443',
      'https://shop.example:80',
      'http://localhost:8080',
    ];
    const { body } = await admin.post('/v1/sites', { name: 'Shop', allowed_origins });
    const kept = [
      'https://www.shop.example',
      'http://shop.example',
      'https://*.shop.example',
      'https://shop.example:80',
      'http://localhost:8080',
    ];
    expect(body.allowed_origins).toEqual(kept);
  });

  test.each([
    ['name', 'x'.repeat(201)],
    ['providers.twilio.auth_token', { twilio: { auth_token: 'x'.repeat(129) } }],
    ['providers.twilio.account_sid', { twilio: { auth_token: 'x', account_sid: 'x'.repeat(65) } }],
    ['name', ''],
    ['name', 7],
    ['time_zone', 'Mars/Base'],
    ['time_zone', '+01:00'],
    ['time_zone', ''],
    ['default_region', 'XX'],
    ['default_region', 'Germany'],
    ['channel_rules.0.channel', [{ channel: ' ', match: {} }]],
    ['channel_rules.0.channel', [{ channel: 'x'.repeat(65), match: {} }]],
    ['channel_rules.0.match', [{ channel: 'Own' }]],
    ['channel_rules.0.match.channel', [{ channel: 'Own', match: { channel: 'Direct' } }]],
    ['channel_rules.0.match.landing_page', [{ channel: 'Own', match: { landing_page: 'shop' } }]],
    ['channel_rules.0.match.referrer_domain', [{ channel: 'Own', match: { referrer_domain: 'http://a' } }]],
    ['channel_rules.0.match.click_id.1', [{ channel: 'Own', match: { click_id: ['gclid', 'nclid'] } }]],
    ['channel_rules', Array.from({ length: 51 }, () => ({ channel: 'Own', match: {} }))],
    ['allowed_origins', 'https://a.example'],
    ['allowed_origins.0', ['shop.example']],
    ['allowed_origins.1', ['https://a.example', 'https://a.example/path']],
    ['allowed_origins.0', ['https://*']],
    ['min_confidence', 1.1],
    ['min_confidence', '0.5'],
    ['qualified_seconds', -1],
    ['qualified_seconds', 1.5],
    ['currency', 'EURO'],
    ['currency', 'XYZ'],
    ['excluded_addresses.0', ['shop.example']],
    ['excluded_addresses.0', ['192.0.2.0/33']],
    ['excluded_addresses.0', ['192.0.2.0/24/1']],
    ['excluded_hosts.0', ['https://a.example']],
    ['providers.twilio.auth_token', { twilio: { account_sid: 'AC1' } }],
  ])('%s: %j is refused when it is made and when it is changed', async (path, value) => {
    const field = path.split('.')[0] as string;
    expectInvalid(await admin.post('/v1/sites', { name: 'Shop', [field]: value }), path);
    const { id } = (await admin.post('/v1/sites', { name: 'Shop' })).body;
    expectInvalid(await admin.patch(`/v1/sites/${id}`, { [field]: value }), path);
  });

  test('may have a name in any script', async () => {
    const { body } = await admin.post('/v1/sites', { name: ' Магазин\u0000 🛒 \ud800' });
    expect(body.name).toBe('Магазин 🛒 \ufffd');
    expect((await admin.get(`/v1/sites/${body.id}`)).body.name).toBe(body.name);
  });
});

describe('a retired site', () => {
  test('is gone for browsers and the API, and its calls are still routed', async () => {
    const site = await makeSite(admin);
    const { swaps, visitor, session } = (await pageOf(server.url, site).view()).body;
    const gone = await admin.delete(`/v1/sites/${site.id}`);
    expect({ status: gone.status, body: gone.body }).toEqual({ status: 204, body: null });
    expectProblem(await admin.get(`/v1/sites/${site.id}`), 404, 'not_found');
    expectProblem(await admin.patch(`/v1/sites/${site.id}`, { name: 'Back' }), 404, 'not_found');
    expectProblem(await admin.delete(`/v1/sites/${site.id}`), 404, 'not_found');
    expectProblem(await admin.get(`/v1/trackers/${site.tracker.id}`), 404, 'not_found');
    expectProblem(await admin.get(`/v1/numbers/${site.numbers[0]}`), 404, 'not_found');
    expectProblem(await pageOf(server.url, site).view({ visitor }), 404, 'unknown_site');
    expectProblem(await api(server.url).get(`/dni/${site.key}.js`), 404, 'unknown_site');
    const call = await admin.post('/v1/calls/start', { call_id: 'late', to: swaps[0]?.number });
    expect(call).toMatchObject({
      status: 200,
      body: { route: { destination: site.destination }, session: { id: session } },
    });
  });
});
