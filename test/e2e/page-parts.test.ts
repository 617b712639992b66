import type { Frame, Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { api } from '../support/api.js';
import type { TestBrowser } from '../support/browser.js';
import { type Pages, servePage } from '../support/page-server.js';
import type { TestServer } from '../support/server-process.js';
import { sharedBrowser } from '../support/shared-browser.js';
import { sharedServer } from '../support/shared-server.js';
import { bracketed, dotted, homePage, scriptTag, serveShop } from '../support/shop.js';
import { makeSite } from '../support/site.js';
import { eventually, newVisitor, swappedNumber } from '../support/visitor.js';

let browser: Pick<TestBrowser, 'newContext'>;
let server: TestServer;
beforeAll(async () => {
  [browser, server] = await Promise.all([sharedBrowser(), sharedServer('postgres')]);
}, 90_000);

/** Opens a shop's home page with `body` at its end, made for its target, and waits for the number that it shows; `blocked` is not loaded. */
async function open(body: (target: string) => string, more?: (target: string) => Pages, blocked?: string) {
  const site = await makeSite(api(server.url, server.adminKey));
  const page = homePage(site.target, scriptTag(server.url, site.key));
  const shop = await serveShop(site.target, '', {
    '/': page.replace('</body>', `${body(site.target)}</body>`),
    ...more?.(site.target),
  });
  const visitor = await newVisitor(browser);
  if (blocked) await visitor.context.route(blocked, (route) => route.abort());
  await visitor.page.goto(shop.url);
  const number = await swappedNumber(visitor.page, site.target);
  return { ...visitor, site, shop, number };
}

/** What it says; a locator looks into open shadow roots too. */
const says = (page: Page | Frame, id: string) => eventually(() => page.locator(`#${id}`).textContent());

describe('open shadow roots', () => {
  const declared = (target: string) => `
    <div id="host"><template shadowrootmode="open">
      <p id="within">Call ${bracketed(target)}</p><a id="ring" href="tel:${target}">Ring</a><slot></slot>
      <div><template shadowrootmode="open"><p id="deep">${dotted(target)}</p></template></div>
    </template><p id="slotted">Or ${target}</p></div>`;

  test('in the HTML, one within the other', async () => {
    const { page, number, errors } = await open(declared);
    await says(page, 'within').toBe(`Call ${bracketed(number)}`);
    await says(page, 'deep').toBe(dotted(number));
    await says(page, 'slotted').toBe(`Or ${number}`);
    await eventually(() => page.locator('#ring').getAttribute('href')).toBe(`tel:${number}`);
    expect(errors).toEqual([]);
  });

  test('whose elements are defined only later, as a component library does', async () => {
    const { page, site, number, errors } = await open((target) => `<shop-phone>${target}</shop-phone>`);
    await page.evaluate((text) => {
      customElements.define(
        'shop-phone',
        class extends HTMLElement {
          constructor() {
            super();
            this.attachShadow({ mode: 'open' }).innerHTML = `<p id="within">Call ${text}</p>`;
          }
        },
      );
    }, bracketed(site.target));
    await says(page, 'within').toBe(`Call ${bracketed(number)}`);
    expect(errors).toEqual([]);
  });

  test('put in by a script, and what changes in them', async () => {
    const { page, site, number, errors } = await open(() => '');
    await page.evaluate((text) => {
      const host = document.createElement('div');
      host.attachShadow({ mode: 'open' }).innerHTML = `<p id="within">Call ${text}</p>`;
      document.body.append(host);
    }, bracketed(site.target));
    await says(page, 'within').toBe(`Call ${bracketed(number)}`);
    await page.locator('#within').evaluate((place, text) => {
      place.textContent = `Now call ${text}`;
    }, dotted(site.target));
    await says(page, 'within').toBe(`Now call ${dotted(number)}`);
    expect(errors).toEqual([]);
  });
});

describe('frames of the same origin', () => {
  const inner = (target: string): Pages => ({
    '/inner': `<p id="within">Call ${bracketed(target)}</p><a id="ring" href="tel:${target}">Ring</a>`,
  });
  const frameOf = (page: Page): Frame => page.frames()[1]!;

  test('in the HTML, and what they load next', async () => {
    const { page, shop, number, errors } = await open(() => '<iframe src="/inner"></iframe>', inner);
    await says(frameOf(page), 'within').toBe(`Call ${bracketed(number)}`);
    expect(await frameOf(page).getAttribute('#ring', 'href')).toBe(`tel:${number}`);

    await frameOf(page).goto(`${shop.url}/inner?again`);
    await says(frameOf(page), 'within').toBe(`Call ${bracketed(number)}`);
    expect(errors).toEqual([]);
  });

  test('put in by a script', async () => {
    const { page, number, errors } = await open(() => '', inner);
    await page.evaluate(() => {
      document.body.append(Object.assign(document.createElement('iframe'), { src: '/inner' }));
    });
    await eventually(() => page.frames().length).toBe(2);
    await says(frameOf(page), 'within').toBe(`Call ${bracketed(number)}`);
    expect(errors).toEqual([]);
  });

  test('but not of another', async () => {
    const other = await servePage(`<p id="within">Call us</p>`);
    const { page, number, errors } = await open(
      () => `<iframe src="${other.url}"></iframe><iframe src="/inner"></iframe>`,
      inner,
    );
    await eventually(() => page.frames().length).toBe(3);
    const own = page.frames().find((frame) => frame.url().endsWith('/inner'))!;
    await says(own, 'within').toBe(`Call ${bracketed(number)}`);
    expect(errors).toEqual([]);
    await other.close();
  });

  test('cost nothing where the file that they need is blocked', async () => {
    const { page, number, errors } = await open(
      () => '<iframe src="/inner"></iframe>',
      inner,
      '**/dni/more.js',
    );
    await eventually(() => page.textContent('#text')).toBe(`Call ${bracketed(number)}, day and night`);
    expect(errors).toEqual([]);
  });
});

test('labels: those of an element that asks for it', async () => {
  const { page, site, number, errors } = await open((target) => {
    const text = `Call ${bracketed(target)}`;
    return `
      <a id="link-label" href="tel:${target}" aria-label="${text}" title="${text}">Ring</a>
      <button id="asks" data-dni="labels" aria-label="${text}" title="${text}">Ring</button>
      <img id="picture" data-dni="labels" alt="${text}">
      <input id="field" data-dni="labels" placeholder="${text}" value="${text}">
      <button id="does-not" aria-label="${text}" title="${text}">Ring</button>
      <div data-dni="off"><button id="off" data-dni="labels" aria-label="${text}">Ring</button></div>`;
  });
  const [shown, own] = [`Call ${bracketed(number)}`, `Call ${bracketed(site.target)}`];
  const labels = () =>
    page.evaluate(() =>
      Object.fromEntries(
        ['link-label', 'asks', 'picture', 'field', 'does-not', 'off'].map((id) => [
          id,
          ['aria-label', 'title', 'alt', 'placeholder', 'value']
            .map((name) => document.getElementById(id)?.getAttribute(name))
            .filter((label) => label !== null),
        ]),
      ),
    );
  await eventually(labels).toEqual({
    'link-label': [own, own],
    asks: [shown, shown],
    picture: [shown],
    field: [shown, own],
    'does-not': [own, own],
    off: [own],
  });
  expect(errors).toEqual([]);
});
