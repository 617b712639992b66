import { expect, test } from 'vitest';
import { newId } from '../../../server/lib/ids.js';
import { api, type Loose } from '../../support/api.js';
import { forEachMode } from '../../support/for-each-mode.js';
import { makeSite, type TestSite } from '../../support/site.js';
import { pageOf } from './page.js';

forEachMode('the channel', ({ server }) => {
  const admin = () => api(server().url, server().adminKey);
  const get = async (path: string) => (await admin().get(path)).body;
  const callTo = async (number: string | undefined) => {
    const { body } = await admin().post('/v1/calls/start', { call_id: newId(), to: number });
    return body.id as string;
  };
  /** A visit that arrives so, and arrives again at `again`; with a call to the number that it was shown. */
  async function visit(site: TestSite, url: string, again?: string) {
    const page = pageOf(server().url, site);
    const { visitor, session, swaps } = (await page.view({ page: { url } })).body;
    if (again) await page.view({ visitor, session, page: { url: 'https://shop.example/', referrer: again } });
    return { session, call: await callTo(swaps[0]?.number) };
  }

  test('goes with the session, its touches, the call and the touches kept with it', async () => {
    const site = await makeSite(admin());
    const { session, call } = await visit(
      site,
      'https://shop.example/?utm_source=google&utm_medium=cpc',
      'https://chatgpt.com/',
    );
    const told = await get(`/v1/calls/${call}`);
    expect(told).toMatchObject({ source: 'google', channel: 'Paid Search' });
    expect(told.session).toMatchObject({ id: session, channel: 'Paid Search' });
    const channels = ['Paid Search', 'AI Assistants'];
    expect(told.touches.map(({ channel }: Loose) => channel)).toEqual(channels);
    const { channel, touches } = await get(`/v1/sessions/${session}`);
    expect([channel, touches.map((touch: Loose) => touch.channel)]).toEqual(['Paid Search', channels]);
  });

  test('of a source tracker’s call is that of its source', async () => {
    const site = await makeSite(admin(), {
      numbers: 1,
      tracker: { type: 'source', source: 'spring letter', medium: 'email' },
    });
    expect(await get(`/v1/calls/${await callTo(site.numbers[0])}`)).toMatchObject({
      source: 'spring letter',
      channel: 'Email',
    });
  });

  test('is asked for by name', async () => {
    const site = await makeSite(admin());
    const paid = await visit(site, 'https://shop.example/?utm_source=google&utm_medium=cpc');
    const mailed = await visit(site, 'https://shop.example/?utm_source=letter&utm_medium=email');
    const found = async (query: string) =>
      (await get(`/v1/calls?site_id=${site.id}&${query}`)).calls.map(({ id }: Loose) => id).sort();
    expect(await found('channel=Email')).toEqual([mailed.call]);
    expect(await found('channel=Email&channel=Paid%20Search')).toEqual([paid.call, mailed.call].sort());
    const { total_results } = await get(`/v1/calls/summary?site_id=${site.id}&channel=Email`);
    expect(total_results).toMatchObject({ calls: 1, sessions: 1 });
  });

  test('is that of the first rule of the site that fits, for what comes and for what was there', async () => {
    const site = await makeSite(admin(), {
      site: { channel_rules: [{ channel: 'Partners', match: { referrer_domain: 'partner.example' } }] },
    });
    const other = await makeSite(admin());
    const url = 'https://shop.example/?utm_source=news&utm_medium=email';
    const told = async ({ session, call }: Awaited<ReturnType<typeof visit>>) => {
      const one = await get(`/v1/calls/${call}`);
      const { channel, touches } = await get(`/v1/sessions/${session}`);
      const all = [one, one.session, ...one.touches, ...touches].map((of: Loose) => of.channel);
      return new Set([channel, ...all]);
    };
    const before = await visit(site, url);
    const elsewhere = await visit(other, url);
    expect(await told(before)).toEqual(new Set(['Email']));
    const spent = { source: 'news', medium: 'email', cost: 30 };
    const day = new Date(Date.now() - 3_600_000).toISOString().slice(0, 10);
    const costs = [spent, { ...spent, source: 'letter', cost: 12 }].map((one) => ({ ...one, date: day }));
    expect((await admin().post('/v1/costs', { site_id: site.id, costs })).body).toEqual({ saved: 2 });
    expect((await admin().patch(`/v1/calls/${before.call}`, { value: 84 })).status).toBe(200);
    /** Channel, calls, cost, cost per call and return on investment. */
    const report = async () => {
      const { grouped_results, total_results } = await get(
        `/v1/calls/summary?site_id=${site.id}&group_by=channel&sort=channel&start_date=${day}`,
      );
      expect(total_results).toMatchObject({ cost: 42, roi: 1 });
      return grouped_results.map((row: Loose) => [
        row.channel,
        row.calls,
        row.cost,
        row.cost_per_call,
        row.roi,
      ]);
    };
    expect(await report()).toEqual([['Email', 1, 42, 42, 1]]);

    const change = async (rules: unknown) => {
      const { status, body } = await admin().patch(`/v1/sites/${site.id}`, { channel_rules: rules });
      expect(status, JSON.stringify(body)).toBe(200);
      expect(body).toMatchObject({ channel_rules: rules, channels_derived: false });
    };
    await change([{ channel: 'News', match: { source: 'NEWS' } }]);
    expect(await told(await visit(site, url))).toEqual(new Set(['News']));
    await expect
      .poll(async () => (await get(`/v1/sites/${site.id}`)).channels_derived, { timeout: 20_000 })
      .toBe(true);
    expect(await told(before)).toEqual(new Set(['News']));
    expect(await told(elsewhere)).toEqual(new Set(['Email']));
    expect(await report()).toEqual([
      ['Email', 0, 12, null, -1],
      ['News', 2, 30, 15, 1.8],
    ]);
  });

  test('of its own rules chooses trackers too', async () => {
    const site = await makeSite(admin(), {
      site: { channel_rules: [{ channel: 'News', match: { source: 'news' } }] },
    });
    const number = '+13035550199';
    const made = await admin().post('/v1/trackers', {
      site_id: site.id,
      name: 'News',
      type: 'source',
      source: 'news',
      targets: [site.target],
      destination: site.destination,
      numbers: [number],
      match: { channel: 'news' },
      priority: 1,
    });
    expect(made.status, JSON.stringify(made.body)).toBe(201);
    const page = pageOf(server().url, site);
    const shown = async (url: string) => (await page.view({ page: { url } })).body.swaps[0]?.number;
    expect(await shown('https://shop.example/?utm_source=news&utm_medium=email')).toBe(number);
    expect(await shown('https://shop.example/?utm_source=letter&utm_medium=email')).not.toBe(number);
  });
});
