import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { type Api, api } from '../support/api.js';
import { servePage } from '../support/page-server.js';
import type { TestServer } from '../support/server-process.js';
import { sharedServer } from '../support/shared-server.js';
import { homePage, scriptTag } from '../support/shop.js';
import { makeSite } from '../support/site.js';
import { openUnattended } from '../support/unattended-browser.js';
import { eventually } from '../support/visitor.js';

let server: TestServer;
let admin: Api;
beforeAll(async () => {
  server = await sharedServer('redis');
  admin = api(server.url, server.adminKey);
}, 90_000);

/** The page tells what it shows, now and whenever that changes. */
const TELLS = `<script>
  const tell = () => fetch('/tell.js?' + new URLSearchParams({
    page: location.pathname,
    ahead: document.prerendering,
    link: document.querySelector('#link').getAttribute('href'),
    status: window.dni?.status,
    activated: performance.getEntriesByType('navigation')[0].activationStart > 0,
  }));
  addEventListener('DOMContentLoaded', () => {
    tell();
    setInterval(tell, 100);
  });
</script>`;

/** As soon as the page has its number, if it asks for one, it has `next` rendered ahead; it goes there when the test says so. */
const goesTo = (next: string) => `<script>
  addEventListener('load', async () => {
    if (document.prerendering) await new Promise((go) => document.addEventListener('prerenderingchange', go));
    while (window.dni && dni.status !== 'ok') await new Promise((look) => setTimeout(look, 50));
    const rules = document.createElement('script');
    rules.type = 'speculationrules';
    rules.textContent = JSON.stringify({ prerender: [{ urls: ['${next}'], eagerness: 'immediate' }] });
    document.head.append(rules);
    await fetch('/wait.js?for=${next}');
    location.href = '${next}';
  });
</script>`;

test('a page that the browser renders ahead asks for nothing until somebody looks at it, and shows the kept number', async () => {
  const site = await makeSite(admin);
  const tag = scriptTag(server.url, site.key);
  const said: Record<string, string>[] = [];
  const told = (page: string, more: Record<string, string>) =>
    eventually(() => said.filter((one) => one.page === page)).toContainEqual(expect.objectContaining(more));
  const open = new Set<string>();
  const shop = await servePage({
    '/start': `<!doctype html><title>Start</title>${goesTo('/')}`,
    '/': homePage(site.target, tag + TELLS + goesTo('/contact')),
    '/contact': homePage(site.target, tag + TELLS),
    '/tell.js': (url) => {
      said.push(Object.fromEntries(url.searchParams));
      return '';
    },
    '/wait.js': async function* (url) {
      while (!open.has(url.searchParams.get('for') ?? '')) await sleep(50);
      yield '';
    },
  });
  onTestFinished(() => shop.close());
  const leased = async () => (await admin.get(`/v1/trackers/${site.tracker.id}/pool`)).body.leased;

  openUnattended(`${shop.url}/start`);
  await told('/', { ahead: 'true', link: `tel:${site.target}`, status: 'undefined' });
  // Time enough for the script to ask, had it wanted to.
  await sleep(1000);
  expect(await leased()).toBe(0);

  open.add('/');
  await eventually(leased).toBe(1);
  await told('/', { ahead: 'false', activated: 'true', status: 'ok' });
  const { link } = said.findLast(({ page }) => page === '/')!;
  expect(site.numbers).toContain(link?.slice('tel:'.length));

  await told('/contact', { ahead: 'true', link: link!, status: 'ok' });
  await sleep(1000);
  // From when the script is there.
  const heard = said.filter(({ page, status }) => page === '/contact' && status !== 'undefined');
  expect(heard.filter(({ link: shown, status }) => shown !== link || status !== 'ok')).toEqual([]);

  open.add('/contact');
  await told('/contact', { ahead: 'false', activated: 'true', status: 'ok', link: link! });
  expect(await leased()).toBe(1);
});
