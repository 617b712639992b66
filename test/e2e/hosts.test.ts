import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { api } from '../support/api.js';
import type { TestBrowser } from '../support/browser.js';
import { servePage } from '../support/page-server.js';
import type { TestServer } from '../support/server-process.js';
import { sharedBrowser } from '../support/shared-browser.js';
import { sharedServer } from '../support/shared-server.js';
import { homePage, scriptTag } from '../support/shop.js';
import { makeSite, type TestSite } from '../support/site.js';
import { eventually, newVisitor, swappedNumber } from '../support/visitor.js';

let browser: Pick<TestBrowser, 'newContext'>;
let server: TestServer;
beforeAll(async () => {
  [browser, server] = await Promise.all([sharedBrowser(), sharedServer('redis')]);
}, 90_000);

test('on two hosts of one site somebody is one visitor with one number', async () => {
  let site: TestSite;
  const shop = await servePage({
    '/': () => homePage(site.target, scriptTag(server.url, site.key)),
  });
  onTestFinished(() => shop.close());
  // Browsers find whatever ends in .localhost on the machine they run on.
  const [shopHost, blogHost] = ['shop', 'blog'].map(
    (name) => `http://${name}.plumber.localhost:${new URL(shop.url).port}`,
  ) as [string, string];
  site = await makeSite(api(server.url, server.adminKey), {
    site: { allowed_origins: [shopHost, blogHost] },
  });
  const { page, replies, errors } = await newVisitor(browser);
  await page.goto(shopHost);
  const number = await swappedNumber(page, site.target);
  await eventually(() => replies.length).toBe(1);
  await eventually(() => page.evaluate(() => document.cookie)).toContain(String(replies[0]?.visitor));

  await page.goto(blogHost);
  expect(await swappedNumber(page, site.target)).toBe(number);
  await eventually(() => replies.length).toBe(2);
  expect(new Set(replies.map(({ visitor, session }) => `${visitor} ${session}`)).size).toBe(1);
  expect(errors).toEqual([]);
});
