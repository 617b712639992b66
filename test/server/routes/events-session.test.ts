import { describe, expect, test } from 'vitest';
import { newId } from '../../../server/lib/ids.js';
import { api } from '../../support/api.js';
import { forEachMode } from '../../support/for-each-mode.js';
import { makeSite } from '../../support/site.js';
import { pageOf } from './page.js';
import { rowsOf } from './rows-of.js';

const iPhone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';

forEachMode('a session', ({ server, mode }) => {
  const admin = () => api(server().url, server().adminKey);
  const sessionOf = async (id: string | null) => {
    const { status, body } = await admin().get(`/v1/sessions/${id}`);
    expect(status).toBe(200);
    return body;
  };

  test('says where the visit came from, on which device, and what it saw', async () => {
    const site = await makeSite(admin());
    const page = pageOf(server().url, site);
    const url =
      'https://shop.example/boilers?utm_source=google&utm_medium=cpc&utm_campaign=winter&utm_term=boiler+repair&utm_content=ad%201&gclid=Abc-1&matchtype=e';
    const first = await page.view(
      {
        page: { url, referrer: 'https://www.google.com/', title: 'Boilers' },
        ids: { ga: 'GA1.1.1' },
      },
      { 'user-agent': iPhone, 'cf-ipcountry': 'us' },
    );
    const { visitor, session, swaps } = first.body;
    await page.view({ visitor, page: { url: 'https://shop.example/prices', referrer: url } });
    const read = await sessionOf(session);
    expect(read).toMatchObject({
      id: session,
      source: 'google',
      medium: 'cpc',
      campaign: 'winter',
      keyword: 'boiler repair',
      content: 'ad 1',
      landing_page_url: url,
      referring_url: 'https://www.google.com/',
      device_type: 'mobile',
      country: 'US',
      landing_params: { matchtype: 'e' },
    });
    expect(read.page_views.map((view: { url: string }) => view.url)).toEqual([
      url,
      'https://shop.example/prices',
    ]);
    expect(read.touches).toHaveLength(1);
    expect(read.leases).toMatchObject([{ number: swaps[0]?.number }]);
    expect(read.calls).toEqual([]);
  });

  test('ends when another campaign or click id arrives, not when the same one does', async () => {
    const site = await makeSite(admin());
    const page = pageOf(server().url, site);
    const visitor = newId();
    const at = async (path: string, referrer = '') =>
      (await page.view({ visitor, page: { url: `https://shop.example/${path}`, referrer } })).body.session;
    const direct = await at('');
    expect(await at('prices', 'https://shop.example/')).toBe(direct);
    const winter = await at('?utm_source=google&utm_medium=cpc&utm_campaign=winter');
    expect(winter).not.toBe(direct);
    expect(await at('?utm_source=google&utm_medium=cpc&utm_campaign=winter')).toBe(winter);
    const spring = await at('?utm_source=google&utm_medium=cpc&utm_campaign=spring');
    expect(spring).not.toBe(winter);
    const click = await at('?utm_source=google&utm_medium=cpc&utm_campaign=spring&gclid=One');
    expect(click).not.toBe(spring);
    const referred = await at('', 'https://www.bing.com/');
    expect(referred).toBe(click);
    expect(await sessionOf(spring)).toMatchObject({ campaign: 'spring' });
  });

  test('is of the landing, while the page has another address', async () => {
    const site = await makeSite(admin());
    const { session } = (
      await pageOf(server().url, site).view({
        page: { url: 'https://shop.example/second', referrer: 'https://shop.example/' },
        landing: { url: 'https://shop.example/?utm_source=news&utm_medium=email', referrer: '' },
      })
    ).body;
    expect(await sessionOf(session)).toMatchObject({
      source: 'news',
      medium: 'email',
      landing_page_url: 'https://shop.example/?utm_source=news&utm_medium=email',
      page_views: [{ url: 'https://shop.example/second' }],
    });
  });

  test('is of the page where a campaign led to it, although another page is told as the landing', async () => {
    const site = await makeSite(admin());
    const landing = { id: newId(), url: 'https://shop.example/?utm_source=news', referrer: '' };
    const page = { url: 'https://shop.example/?utm_source=flyer', referrer: 'https://shop.example/' };
    const { session } = (await pageOf(server().url, site).view({ page, landing })).body;
    expect(await sessionOf(session)).toMatchObject({ source: 'flyer', landing_page_url: page.url });
  });

  test('a repeated view counts once', async () => {
    const site = await makeSite(admin());
    const page = pageOf(server().url, site);
    const [visitor, id] = [newId(), newId()];
    const { session } = (await page.view({ visitor, page: { id } })).body;
    await page.view({ visitor, page: { id } });
    expect((await sessionOf(session)).page_views).toHaveLength(1);
  });

  // The embedded database is the server's alone while it runs, so its clock cannot be turned back here.
  if (mode !== 'embedded') {
    test('ends after 30 idle minutes', async () => {
      const site = await makeSite(admin());
      const page = pageOf(server().url, site);
      const first = (await page.view()).body;
      const idle = (minutes: string) =>
        rowsOf(
          server(),
          'update sessions set last_seen_at = clock_timestamp() - $2::interval where id = $1',
          [first.session, minutes],
        );
      await idle('29 minutes');
      expect((await page.view({ visitor: first.visitor })).body.session).toBe(first.session);
      await idle('31 minutes');
      const second = (await page.view({ visitor: first.visitor })).body;
      expect(second.visitor).toBe(first.visitor);
      expect(second.session).not.toBe(first.session);
    });
  }

  describe('of two tabs that open at once', () => {
    test('is one', async () => {
      const site = await makeSite(admin());
      const page = pageOf(server().url, site);
      const visitor = newId();
      const both = await Promise.all(
        ['a', 'b'].map((tab) => page.view({ visitor, page: { url: `https://shop.example/${tab}` } })),
      );
      expect(new Set(both.map(({ body }) => body.session)).size).toBe(1);
      expect((await sessionOf(both[0]?.body.session ?? null)).page_views).toHaveLength(2);
    });
  });
});
