import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { newId } from '../../../server/lib/ids.js';
import { createInstallStore } from '../../../server/stores/postgres/installs.js';
import { createPool } from '../../../server/stores/postgres/pool.js';
import { type Api, api } from '../../support/api.js';
import type { TestServer } from '../../support/server-process.js';
import { sharedServer } from '../../support/shared-server.js';
import { makeSite, type TestSite } from '../../support/site.js';
import { type Event, pageOf } from './page.js';
import { rowsOf } from './rows-of.js';

let server: TestServer;
let admin: Api;
beforeAll(async () => {
  server = await sharedServer('postgres');
  admin = api(server.url, server.adminKey);
});

const install = async ({ id }: TestSite) => (await admin.get(`/v1/sites/${id}/install`)).body.hosts;
const printedOn = async (site: TestSite): Promise<string[]> =>
  (await install(site))[0].pool_numbers_printed.map((seen: { number: string }) => seen.number);

test('tells of each host which targets were found and how many places its pages say they changed', async () => {
  const site = await makeSite(admin, { tracker: { targets: ['+12125550190', '+12125550191'] } });
  const page = pageOf(server.url, site);
  expect(await install(site)).toEqual([]);
  const swaps = [{ places: 4, target: '+12125550190' }, { places: 2 }];
  const { visitor } = (await page.view({ swaps, found: ['+12125550190', '+12125550199'] })).body;
  await page.send({ type: 'renew', visitor, swaps });
  await page.send({ type: 'leave', visitor, swaps });
  // As what no page can say.
  const junk = [0, -1, 1.5, 1e9, '7', null].map((places) => ({ places }));
  for (const told of [[], junk, [null, 'x', {}], 'x', 7, null, false])
    expect((await page.send({ type: 'leave', visitor, swaps: told as never })).status).toBe(204);
  await page.view({ found: [], page: { url: 'https://www.shop.example/' } });
  const time = expect.stringMatching(/^\d{4}-.*Z$/);
  expect(await install(site)).toEqual([
    {
      host: 'shop.example',
      last_seen_at: time,
      checked_at: null,
      swaps: 6,
      targets_found: [{ number: '+12125550190', last_seen_at: time }],
      targets_not_found: ['+12125550191'],
      pool_numbers_printed: [],
    },
    {
      host: 'www.shop.example',
      last_seen_at: time,
      checked_at: null,
      swaps: 0,
      targets_found: [],
      targets_not_found: ['+12125550190', '+12125550191'],
      pool_numbers_printed: [],
    },
  ]);
});

describe('to look for printed numbers', () => {
  test('one page an hour of a host is asked', async () => {
    const site = await makeSite(admin);
    const page = pageOf(server.url, site);
    const asked = async (event: Event = {}) => {
      // Reading writes what was seen; else it is written every ten seconds.
      await install(site);
      return (await page.view(event)).body.check;
    };
    await page.view();
    // No other event is asked.
    expect((await page.send({ type: 'renew' })).body.check).toBeUndefined();
    expect(await asked()).toBe(true);
    expect(await asked()).toBeUndefined();
    const other = { page: { url: 'https://copy.example/' } };
    expect(await asked(other)).toBeUndefined();
    expect(await asked({ ...other, consent: 'none' })).toBe(true);
    const before = `update installs set check_asked_at = check_asked_at - interval '1 hour'
      where site_id = $1`;
    await rowsOf(server, before, [site.id]);
    await page.view();
    expect(await asked()).toBe(true);
    expect(await asked()).toBeUndefined();
  });

  test('servers that report a host at once ask one page among them', async () => {
    const { id: siteId } = await makeSite(admin);
    const connection = { connectionString: server.stores.DATABASE_URL };
    const pool = createPool({ connection, max: 8, onError: () => {} });
    onTestFinished(() => pool.end());
    const { report } = createInstallStore(pool);
    const page = { siteId, host: 'shop.example', found: [], swaps: 1, isChecked: false, printed: [] };
    const due = await Promise.all(Array.from({ length: 8 }, () => report([page])));
    expect(due.flat()).toEqual([{ siteId, host: 'shop.example' }]);
  });

  test('tells that it was looked for, also where nothing was', async () => {
    const site = await makeSite(admin);
    await pageOf(server.url, site).send({ type: 'renew', printed: [] });
    expect(await install(site)).toMatchObject([
      { checked_at: expect.stringMatching(/Z$/), pool_numbers_printed: [] },
    ]);
  });
});

describe('a tracking number that is printed', () => {
  test('is told, however it is written, and in whatever event', async () => {
    const site = await makeSite(admin);
    const page = pageOf(server.url, site);
    const [first, second, third] = site.numbers as [string, string, string];
    // Retired ones are worth knowing too.
    await admin.patch(`/v1/trackers/${site.tracker.id}`, { numbers: [first, second] });
    await page.send({
      type: 'leave',
      printed: [`(${first.slice(2, 5)}) ${first.slice(5, 8)}-${first.slice(8)}`],
    });
    await page.send({ type: 'renew', printed: ['+12125550999', 'junk', site.target, second] });
    await page.send({ type: 'withdraw', printed: [third] });
    expect(await printedOn(site)).toEqual([first, second, third].sort());
  });

  test('is none that the page was given, or its visitor ever held', async () => {
    const site = await makeSite(admin);
    const page = pageOf(server.url, site);
    const visitor = newId();
    const { body } = await page.view({ visitor });
    const held = body.swaps[0]?.number as string;
    await page.send({ type: 'renew', visitor, printed: [held] });
    await page.view({ visitor, printed: [held] });
    await page.send({ type: 'withdraw', visitor });
    await page.send({ type: 'leave', visitor, printed: [held] });
    // The first view of somebody, who is given the number at once.
    const given = (await page.view({ printed: [] })).body.swaps[0]?.number as string;
    expect(await printedOn(site)).toEqual([]);
    await page.send({ type: 'leave', visitor: newId(), printed: [held, given] });
    expect(await printedOn(site)).toEqual([...new Set([held, given])].sort());
  });

  test('is none of another site', async () => {
    const [site, other] = [await makeSite(admin), await makeSite(admin)];
    await pageOf(server.url, site).send({ type: 'leave', printed: other.numbers });
    expect(await printedOn(site)).toEqual([]);
  });

  test('is not lost among junk, nor does junk lose the event', async () => {
    const site = await makeSite(admin);
    const page = pageOf(server.url, site);
    const number = site.numbers[0] as string;
    for (const printed of ['+1', 7, null, {}, [[number]]])
      expect((await page.send({ type: 'leave', printed: printed as never })).status).toBe(204);
    const long = Array.from({ length: 300 }, (_, at) => (at === 50 ? number : `${at}`));
    await page.send({ type: 'leave', printed: [7, 'x'.repeat(65), ...long] as never });
    expect(await printedOn(site)).toEqual([number]);
  });
});

test('every event may carry ids and what the page shows', async () => {
  const site = await makeSite(admin);
  const page = pageOf(server.url, site);
  const visitor = newId();
  const told = {
    visitor,
    swaps: [{ places: 1 }],
    printed: [],
    ids: { _ga: 'GA1.1.11.22' },
    cookies: ['_ga_A=GS1.1.1700000123.4', '_gat=1'],
  };
  const number = (await page.view(told)).body.swaps[0]?.number;
  const answers = [
    await page.send({ ...told, type: 'code' }),
    await page.send({ ...told, type: 'tap', number }),
    await page.send({ ...told, type: 'lead', lead: { name: 'Anne' } }),
    await page.send({ ...told, type: 'leave' }),
    await page.send({ ...told, type: 'withdraw' }),
    // Of somebody who has no lease and never had.
    await page.send({ ...told, type: 'leave', visitor: newId(), session: newId() }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 204, 204, 204, 204, 204]);
  expect(answers[0]?.body.code).toBeDefined();
  const of = (table: string) => `select * from ${table} where site_id = $1`;
  expect(await rowsOf(server, of('taps'), [site.id])).toHaveLength(1);
  expect(await rowsOf(server, of('leads'), [site.id])).toHaveLength(1);
  expect(await rowsOf(server, of('sessions'), [site.id])).toMatchObject([
    { ids: { ga: '11.22', ga_session: '1700000123' } },
  ]);
  expect(await rowsOf(server, of('leases'), [site.id])).toMatchObject([{ end_reason: 'withdrawn' }]);
  expect((await install(site))[0].swaps).toBe(2);
});
