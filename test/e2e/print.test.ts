import { beforeAll, expect, test } from 'vitest';
import { api } from '../support/api.js';
import type { TestBrowser } from '../support/browser.js';
import type { TestServer } from '../support/server-process.js';
import { sharedBrowser } from '../support/shared-browser.js';
import { sharedServer } from '../support/shared-server.js';
import { homePage, scriptTag, serveShop } from '../support/shop.js';
import { makeSite } from '../support/site.js';
import { eventually, newVisitor, swappedNumber } from '../support/visitor.js';

let browser: Pick<TestBrowser, 'newContext'>;
let server: TestServer;
beforeAll(async () => {
  [browser, server] = await Promise.all([sharedBrowser(), sharedServer('postgres')]);
}, 90_000);

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
  const source = await page.goto(shop.url).then((answer) => answer?.text());
  const number = await swappedNumber(page, site.target);
  const places = ['#text', '#link'];
  const shown = await page.evaluate(
    (places) => places.map((place) => document.querySelector(place)?.outerHTML),
    places,
  );
  expect(shown[0]).toContain('<i>555</i>');
  for (const place of shown) expect(source).not.toContain(place);

  const printed = page.evaluate(
    (places) =>
      new Promise<(string | undefined)[][]>((done) => {
        const read = () => places.map((place) => document.querySelector(place)?.outerHTML);
        let paper: ReturnType<typeof read>;
        // Registered last, these hear of it after the script.
        addEventListener('beforeprint', () => {
          // What the page does for paper must not bring the visitor's number back.
          document.body.append(document.createElement('hr'));
          queueMicrotask(() => {
            paper = read();
          });
        });
        addEventListener('afterprint', () => done([paper, read()]));
      }),
    places,
  );
  await page.pdf();
  const [paper, screen] = await printed;
  for (const place of [...paper!, ...screen!]) expect(source).toContain(place);
  // Asked for anew, and the visitor still holds it.
  await eventually(() =>
    page.evaluate((places) => places.map((place) => document.querySelector(place)?.outerHTML), places),
  ).toEqual(shown);

  // Whatever the page puts in later is swapped as before.
  await page.evaluate((target) => document.body.append(`Emergencies: ${target}`), site.target);
  await eventually(() => page.textContent('body')).toContain(`Emergencies: ${number}`);
  expect(errors).toEqual([]);
});
