import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestBrowser } from './browser.js';
import { type PageServer, servePage } from './page-server.js';
import { sharedBrowser } from './shared-browser.js';

let browser: Pick<TestBrowser, 'newContext'>;
let site: PageServer;
beforeAll(async () => {
  browser = await sharedBrowser();
  site = await servePage({ '/': '<h1>Home</h1>', '/asked': (url) => `<p>${url.searchParams.get('q')}</p>` });
});
afterAll(() => site?.close());

test('the browser looks like a person', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(site.url);
  expect(await page.evaluate(() => navigator.webdriver)).toBe(false);
  expect(await page.evaluate(() => navigator.userAgent)).toMatch(/ Chrome\/\d+\.0\.0\.0 Safari/);
  await context.close();
});

test('pages are served by path, with what was asked', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${site.url}/asked?q=drains`);
  expect(await page.textContent('p')).toBe('drains');
  expect((await page.goto(`${site.url}/absent`))?.status()).toBe(404);
  await context.close();
});

test('each context is another visitor', async () => {
  const [one, two] = await Promise.all([browser.newContext(), browser.newContext()]);
  const [first, second] = await Promise.all([one.newPage(), two.newPage()]);
  await Promise.all([first.goto(site.url), second.goto(site.url)]);
  await first.evaluate(() => localStorage.setItem('mark', '1'));
  expect(await second.evaluate(() => localStorage.getItem('mark'))).toBe(null);
  await Promise.all([one.close(), two.close()]);
});
