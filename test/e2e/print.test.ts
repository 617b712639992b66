import { afterAll, beforeAll, expect, test } from 'vitest';
import { api } from '../support/api.js';
import { launchBrowser, type TestBrowser } from '../support/browser.js';
import type { TestServer } from '../support/server-process.js';
import { sharedServer } from '../support/shared-server.js';
import { homePage, scriptTag, serveShop } from '../support/shop.js';
import { makeSite } from '../support/site.js';
import { eventually, newVisitor, swappedNumber } from '../support/visitor.js';

let browser: TestBrowser;
let server: TestServer;
beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), sharedServer('postgres')]);
}, 90_000);
afterAll(() => browser?.close());

// Paper is read for longer than a number is promised.
test("paper has the page's own number, the screen before and after it the visitor's", async () => {
  const site = await makeSite(api(server.url, server.adminKey));
  const tag = scriptTag(server.url, site.key);
  const shop = await serveShop(site.target, '', {
    '/': homePage(site.target, tag).replace(/<b>.{5} (.{3})/, (all, part) =>
      all.replace(part, `<i>${part}</i>`),
    ),
  });
  const { page, errors } = await newVisitor(browser);
  await page.goto(shop.url);
  const own = await page.evaluate(() => document.body.outerHTML);
  const number = await swappedNumber(page, site.target);
  const shown = await page.evaluate(() => document.body.outerHTML);
  expect(shown).toContain(number);
  expect(shown).not.toContain(site.target);

  const pages = page.evaluate(
    () =>
      new Promise<string[]>((done) => {
        const pages: string[] = [];
        // Registered last, these hear of it after the script.
        addEventListener('beforeprint', () => pages.push(document.body.outerHTML));
        addEventListener('afterprint', () => done([...pages, document.body.outerHTML]));
      }),
  );
  await page.pdf();
  const [paper, screen] = await pages;
  expect(paper).toContain(site.target);
  expect(paper).not.toContain(number);
  expect(paper).toBe(own);
  expect(screen).toBe(shown);

  // Whatever the page puts in later is swapped as before.
  await page.evaluate((target) => document.body.append(`Emergencies: ${target}`), site.target);
  await eventually(() => page.textContent('body')).toContain(`Emergencies: ${number}`);
  expect(errors).toEqual([]);
});
