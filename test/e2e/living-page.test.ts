import pg from 'pg';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Api, api } from '../support/api.js';
import type { TestBrowser } from '../support/browser.js';
import type { Pages } from '../support/page-server.js';
import type { TestServer } from '../support/server-process.js';
import { sharedBrowser } from '../support/shared-browser.js';
import { sharedServer } from '../support/shared-server.js';
import { bracketed, dotted, homePage, scriptTag, serveShop } from '../support/shop.js';
import { makeSite } from '../support/site.js';
import { eventually, newVisitor, swappedNumber } from '../support/visitor.js';

let browser: Pick<TestBrowser, 'newContext'>;
let server: TestServer;
let admin: Api;
beforeAll(async () => {
  [browser, server] = await Promise.all([sharedBrowser(), sharedServer('redis')]);
  admin = api(server.url, server.adminKey);
}, 90_000);

/** Opens a shop's home page, or the one made for its target, and waits for the number that it shows; `first` runs before its scripts. */
async function open(make?: (target: string, tag: string) => string, more?: Pages, first = '') {
  const site = await makeSite(admin);
  const tag = scriptTag(server.url, site.key);
  const shop = await serveShop(site.target, tag, { ...(make && { '/': make(site.target, tag) }), ...more });
  const visitor = await newVisitor(browser);
  await visitor.context.addInitScript(first);
  await visitor.page.goto(shop.url);
  const number = await swappedNumber(visitor.page, site.target);
  return { ...visitor, site, shop, number };
}

describe('what a page does after it was loaded', () => {
  test('puts in a number, alone or in a whole section', async () => {
    const { page, site, number, errors } = await open();
    await page.evaluate((text) => {
      document.body.append(`Emergencies: ${text}`);
    }, bracketed(site.target));
    await eventually(() => page.textContent('body')).toContain(`Emergencies: ${bracketed(number)}`);

    await page.evaluate((target) => {
      const section = document.createElement('section');
      section.innerHTML = `<ul><li><a href="tel:${target}" id="new">Ring ${target}</a></li></ul>`;
      document.body.prepend(section);
    }, site.target);
    await eventually(() => page.textContent('#new')).toBe(`Ring ${number}`);
    expect(await page.getAttribute('#new', 'href')).toBe(`tel:${number}`);
    expect(errors).toEqual([]);
  });

  test('writes its own number over the one shown', async () => {
    const { page, site, number, errors } = await open();
    await page.evaluate((text) => {
      (document.querySelector('#text b')?.firstChild as Text).data = text;
    }, dotted(site.target));
    await eventually(() => page.textContent('#text')).toBe(`Call ${dotted(number)}, day and night`);

    await page.evaluate((target) => {
      document.querySelector('#link')?.setAttribute('href', `tel:${target}`);
    }, site.target);
    await eventually(() => page.getAttribute('#link', 'href')).toBe(`tel:${number}`);
    expect(errors).toEqual([]);
  });

  test('shows its first number only later: the visitor gets one then, in the same visit', async () => {
    const site = await makeSite(admin);
    const tag = scriptTag(server.url, site.key);
    const shop = await serveShop(site.target, tag, { '/': `<head>${tag}</head><body></body>` });
    const { page, replies, errors } = await newVisitor(browser);
    await page.goto(shop.url);
    await eventually(() => replies).toMatchObject([{ status: 'no_target' }]);
    await page.evaluate(
      (html) => {
        document.body.innerHTML = html;
      },
      homePage(site.target, ''),
    );
    const number = await swappedNumber(page, site.target);
    expect(await page.textContent('#link')).toBe(dotted(number));
    const session = await admin.get(`/v1/sessions/${replies[0]?.session}`);
    expect(session.body).toMatchObject({ page_view_count: 1, leases: [{ number }] });
    expect(errors).toEqual([]);
  });

  test.each([
    ['with', ''],
    // As Safari and Firefox were for long.
    ['without', `Object.defineProperty(window, 'navigation', { value: undefined })`],
  ])(
    'becomes another page by pushState, %s the Navigation API: a view, no second number',
    async (_, first) => {
      const { page, site, shop, number, replies, errors } = await open(undefined, undefined, first);
      expect(await page.evaluate('!!window.navigation')).toBe(first === '');
      await page.evaluate((target) => {
        history.pushState(null, '', '/services?from=menu');
        document.title = 'Services';
        document.body.innerHTML = `<h1>Services</h1><a href="tel:${target}">${target}</a>`;
      }, site.target);
      await eventually(() => page.textContent('a')).toBe(number);
      const session = async () => (await admin.get(`/v1/sessions/${replies[0]?.session}`)).body;
      await eventually(async () => (await session()).page_view_count).toBe(2);

      await page.evaluate(() => history.back());
      await eventually(async () => (await session()).page_view_count).toBe(3);
      const { page_views, leases } = await session();
      expect(page_views).toMatchObject([
        { url: `${shop.url}/` },
        { url: `${shop.url}/services?from=menu`, title: 'Services', referrer: `${shop.url}/` },
        { url: `${shop.url}/` },
      ]);
      expect(leases).toMatchObject([{ number }]);
      expect(errors).toEqual([]);
    },
  );
});

describe('how a page writes its number', () => {
  test('split over elements', async () => {
    const { page, number } = await open((target, tag) => {
      const [area, rest] = bracketed(target).split(' ') as [string, string];
      const split = `<span>${area}</span> <b>${rest.slice(0, 3)}</b>-<i>${rest.slice(4, 6)}</i>${rest.slice(6)}`;
      return homePage(target, tag).replace(/<p id="text">.*<\/p>/, `<p id="text">${split}</p>`);
    });
    await eventually(() => page.textContent('#text')).toBe(bracketed(number));
    expect(await page.locator('#text b, #text i, #text span').count()).toBe(3);
  });

  test('in a script, a field or what is marked off, where it stays', async () => {
    const { page, site } = await open((target, tag) =>
      homePage(target, tag).replace(
        '</body>',
        `<script id="data" type="application/json">"${target}"</script>
         <textarea>${target}</textarea><input value="${target}">
         <p id="off" data-dni="off">${target}</p></body>`,
      ),
    );
    expect(await page.textContent('#data')).toBe(`"${site.target}"`);
    expect(await page.inputValue('textarea')).toBe(site.target);
    expect(await page.inputValue('input')).toBe(site.target);
    expect(await page.textContent('#off')).toBe(site.target);
  });

  test('in a selection of the visitor, which stays', async () => {
    const site = await makeSite(admin);
    const shop = await serveShop(site.target, '');
    const { page } = await newVisitor(browser);
    await page.goto(shop.url);
    await page.evaluate(() => {
      const text = document.querySelector('#text b')?.firstChild as Text;
      getSelection()?.setBaseAndExtent(text, 1, text, text.length - 2);
    });
    await page.addScriptTag({ url: `${server.url}/dni/${site.key}.js` });
    const number = await swappedNumber(page, site.target);
    expect(await page.evaluate(() => getSelection()?.toString())).toBe(bracketed(number).slice(1, -2));
  });
});

test('a tap on the number is told and kept', async () => {
  const { page, number, events, replies } = await open();
  await page.evaluate(() => {
    document.querySelector('#link')?.addEventListener('click', (event) => event.preventDefault());
  });
  await page.click('#link');
  const client = new pg.Client(server.stores.DATABASE_URL);
  await client.connect();
  onTestFinished(() => client.end());
  const sql = 'select number, lease_id from taps where visitor_id = $1';
  await eventually(async () => (await client.query(sql, [replies[0]?.visitor])).rows).toEqual([
    { number, lease_id: replies[0]?.swaps[0]?.lease },
  ]);
  expect(events.find(({ type }) => type === 'tap')).toMatchObject({
    number: `tel:${number}`,
    session: replies[0]?.session,
  });
});
