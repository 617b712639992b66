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
});
