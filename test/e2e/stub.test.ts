import { beforeAll, expect, test } from 'vitest';
import { type Api, api } from '../support/api.js';
import type { TestBrowser } from '../support/browser.js';
import type { TestServer } from '../support/server-process.js';
import { sharedBrowser } from '../support/shared-browser.js';
import { sharedServer } from '../support/shared-server.js';
import { bracketed, scriptTag, serveShop } from '../support/shop.js';
import { makeSite } from '../support/site.js';
import { eventually, linkedNumber, newVisitor, swappedNumber } from '../support/visitor.js';

let browser: Pick<TestBrowser, 'newContext'>;
let server: TestServer;
let admin: Api;
beforeAll(async () => {
  [browser, server] = await Promise.all([sharedBrowser(), sharedServer('postgres')]);
  admin = api(server.url, server.adminKey);
}, 90_000);

test('the head stub shows the kept number without the script, which takes over and restores', async () => {
  const site = await makeSite(admin);
  const stub = await (await fetch(`${server.url}/dni/${site.key}.stub.js`)).text();
  expect(stub).not.toContain('KEY');
  const shop = await serveShop(site.target, `<script>${stub}</script>${scriptTag(server.url, site.key)}`);
  const { page, context, errors } = await newVisitor(browser);
  await page.goto(shop.url);
  const number = await swappedNumber(page, site.target);

  // Without the script it is the stub that shows it.
  const blocked = '**/dni/*.js';
  await context.route(blocked, (route) => route.abort());
  await page.goto(`${shop.url}/contact`);
  expect(await linkedNumber(page)).toBe(number);
  expect(await page.textContent('#text')).toBe(`Reach us at ${bracketed(number)}`);
  expect(await page.evaluate(() => window.dni)).toBeUndefined();

  // With it the page is the script's: it knows what the page itself says.
  await context.unroute(blocked);
  const own = await page.goto(`${shop.url}/contact`).then((answer) => answer?.text());
  await eventually(() => page.evaluate(() => window.dni?.status)).toBe('ok');
  expect(await linkedNumber(page)).toBe(number);
  await page.evaluate(() => window.dni?.consent(false));
  await eventually(() => linkedNumber(page)).toBe(site.target);
  expect(own).toContain(await page.innerHTML('#text'));
  expect(errors).toEqual([]);
});
