import pg from 'pg';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { api } from '../support/api.js';
import type { TestBrowser } from '../support/browser.js';
import type { TestServer } from '../support/server-process.js';
import { sharedBrowser } from '../support/shared-browser.js';
import { sharedServer } from '../support/shared-server.js';
import { scriptTag, serveShop } from '../support/shop.js';
import { makeSite } from '../support/site.js';
import { eventually, newVisitor, swappedNumber } from '../support/visitor.js';

let browser: Pick<TestBrowser, 'newContext'>;
let server: TestServer;
beforeAll(async () => {
  [browser, server] = await Promise.all([sharedBrowser(), sharedServer('redis')]);
}, 90_000);

test('tabs that somebody opens in the same moment on their first visit are one visitor with one number', async () => {
  const admin = api(server.url, server.adminKey);
  const site = await makeSite(admin, { numbers: 10 });
  const shop = await serveShop(site.target, scriptTag(server.url, site.key));
  const { page, context, events, replies, errors } = await newVisitor(browser);
  const tabs = [page, await context.newPage(), await context.newPage(), await context.newPage()];
  await Promise.all(tabs.map((tab) => tab.goto(`${shop.url}/?utm_source=google`)));
  const numbers = await Promise.all(tabs.map((tab) => swappedNumber(tab, site.target)));
  expect(new Set(numbers).size).toBe(1);
  await eventually(() => replies.length).toBe(tabs.length);

  expect(new Set(events.map(({ visitor }) => visitor)).size).toBe(1);
  expect(new Set(replies.map(({ visitor, session }) => `${visitor} ${session}`)).size).toBe(1);
  const client = new pg.Client(server.stores.DATABASE_URL);
  await client.connect();
  onTestFinished(() => client.end());
  const { rows } = await client.query(
    `select (select count(*)::int from visitors where site_id = $1) as visitors,
      (select count(*)::int from sessions where site_id = $1) as sessions,
      (select count(*)::int from leases where site_id = $1) as leases,
      (select count(*)::int from page_views where site_id = $1) as views`,
    [site.id],
  );
  expect(rows).toEqual([{ visitors: 1, sessions: 1, leases: 1, views: tabs.length }]);
  expect(errors).toEqual([]);
});
