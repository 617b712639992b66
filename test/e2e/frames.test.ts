import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { api } from '../support/api.js';
import type { TestBrowser } from '../support/browser.js';
import type { Pages } from '../support/page-server.js';
import type { TestServer } from '../support/server-process.js';
import { sharedBrowser } from '../support/shared-browser.js';
import { sharedServer } from '../support/shared-server.js';
import { bracketed, homePage, scriptTag, serveShop } from '../support/shop.js';
import { makeSite, type TestSite } from '../support/site.js';
import { eventually, newVisitor, swappedNumber } from '../support/visitor.js';

let browser: Pick<TestBrowser, 'newContext'>;
let server: TestServer;
beforeAll(async () => {
  [browser, server] = await Promise.all([sharedBrowser(), sharedServer('postgres')]);
}, 90_000);

/** What each animation frame was about to show, and how far the browser says that the layout has shifted. */
interface Recording {
  frames: string[];
  shift: number;
}

/** A visitor whose pages are recorded from before their first line on, at a site whose pages `make` makes. */
async function film(make: (site: TestSite, tag: string) => Pages) {
  const site = await makeSite(api(server.url, server.adminKey));
  const shop = await serveShop(site.target, '', make(site, scriptTag(server.url, site.key)));
  const visitor = await newVisitor(browser);
  await visitor.context.addInitScript(() => {
    const recording: Recording = { frames: [], shift: 0 };
    const record = () => {
      recording.frames.push(document.body?.textContent ?? '');
      requestAnimationFrame(record);
    };
    requestAnimationFrame(record);
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) recording.shift += (entry as unknown as { value: number }).value;
    }).observe({ type: 'layout-shift', buffered: true });
    Object.assign(window, { recording });
  });
  return { ...visitor, site, shop };
}

/** Lets the page be drawn a little longer and stops the film. */
const recorded = async (page: Page): Promise<Recording> => {
  await page.evaluate(() => new Promise((done) => setTimeout(done, 200)));
  return page.evaluate(() => (window as unknown as { recording: Recording }).recording);
};

/** How many frames showed the text. */
const showing = ({ frames }: Recording, text: string): number =>
  frames.filter((frame) => frame.includes(text)).length;

const manyNumbers = (target: string): string =>
  Array.from(
    { length: 20 },
    (_, nth) => `<p>Branch ${nth}: <b>${bracketed(target)}</b>, open all day</p>`,
  ).join('');

test('from the first swapped number on no frame shows the own one, and nothing moves', async () => {
  const { page, site, shop, errors } = await film((site, tag) => ({
    '/': homePage(site.target, tag).replace('</body>', `${manyNumbers(site.target)}</body>`),
  }));
  await page.goto(shop.url);
  const number = await swappedNumber(page, site.target);
  // A number stays swapped while scripts put in others, one by one.
  await page.evaluate(async (text) => {
    for (let nth = 0; nth < 60; nth++) {
      const place = document.body.appendChild(document.createElement('p'));
      place.textContent = `Agent ${nth}: `;
      place.append(text);
      await new Promise((done) => setTimeout(done, nth % 7));
    }
  }, bracketed(site.target));
  const film1 = await recorded(page);
  const first = film1.frames.findIndex((frame) => frame.includes(bracketed(number)));
  expect(first).toBeGreaterThan(-1);
  const rest = { ...film1, frames: film1.frames.slice(first) };
  expect(showing(rest, 'Agent 59: ')).toBeGreaterThan(0);
  expect(showing(rest, bracketed(site.target))).toBe(0);
  expect(film1.shift).toBe(0);

  // The same film would have seen it.
  await page.evaluate(() => {
    document.body.prepend(Object.assign(document.createElement('h1'), { textContent: 'Closed' }));
  });
  await eventually(async () => (await recorded(page)).shift).toBeGreaterThan(0);
  expect(errors).toEqual([]);
});

/** Holds up who waits until it is opened. */
function gate() {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open: () => open(), opened };
}

/** Waits for a frame with one text and without another. */
const drawn = (page: Page, text: string, without: string) =>
  page.waitForFunction(
    ([there, missing]) =>
      (window as unknown as { recording: Recording }).recording.frames.some(
        (frame) => frame.includes(there as string) && !frame.includes(missing as string),
      ),
    [text, without],
  );

test('on the next page no frame shows the own number, not even where the network cuts it in two', async () => {
  const [half, line] = [gate(), gate()];
  const { page, site, shop, errors } = await film((site, tag) => {
    const [head, tail] = homePage(site.target, tag.replace(' async', '')).split('</body>') as [
      string,
      string,
    ];
    const text = bracketed(site.target);
    return {
      '/': head + tail,
      '/streamed': async function* () {
        yield `${head}<p id="cut">Night line: ${text.slice(0, 8)}`;
        await half.opened;
        yield `${text.slice(8)}, ask for Joe</p>`;
        await line.opened;
        yield `<p id="late">Fax: ${text}</p></body>${tail}`;
      },
    };
  });
  await page.goto(shop.url);
  const number = await swappedNumber(page, site.target);
  await page.goto(`${shop.url}/streamed`, { waitUntil: 'commit' });
  await drawn(page, 'Night line', 'Joe');
  half.open();
  await drawn(page, 'Joe', 'Fax');
  line.open();
  await page.waitForLoadState();
  expect(await page.textContent('#cut')).toBe(`Night line: ${bracketed(number)}, ask for Joe`);
  expect(await page.textContent('#late')).toBe(`Fax: ${bracketed(number)}`);
  const film2 = await recorded(page);
  expect(showing(film2, bracketed(number))).toBeGreaterThan(0);
  expect(showing(film2, bracketed(site.target))).toBe(0);
  expect(film2.shift).toBe(0);
  expect(errors).toEqual([]);
});
