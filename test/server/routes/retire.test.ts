import { expect, test } from 'vitest';
import { newId } from '../../../server/lib/ids.js';
import { api } from '../../support/api.js';
import { forEachMode } from '../../support/for-each-mode.js';
import { makeSite, type TestSite } from '../../support/site.js';
import { expectProblem } from './expect-problem.js';
import { pageOf } from './page.js';
import { rowsOf } from './rows-of.js';

forEachMode('what is retired', ({ server, mode }) => {
  const admin = () => api(server().url, server().adminKey);
  const start = (to: string) => admin().post('/v1/calls/start', { call_id: newId(), to });

  /** A site with one number, which a visitor holds. */
  async function held(): Promise<{ site: TestSite; number: string; visitor: string; session: string }> {
    const site = await makeSite(admin(), {
      numbers: 1,
      tracker: { reservation_seconds: 1, min_reservation_seconds: 1 },
    });
    const { visitor, session } = (await pageOf(server().url, site).view()).body;
    return {
      site,
      number: site.numbers[0] as string,
      visitor: visitor as string,
      session: session as string,
    };
  }

  test.each(['number', 'tracker', 'list'] as const)(
    'by %s is never leased again, and its calls are routed and credited',
    async (how) => {
      const { site, number, visitor, session } = await held();
      const gone =
        how === 'number'
          ? await admin().delete(`/v1/numbers/${number}`)
          : how === 'tracker'
            ? await admin().delete(`/v1/trackers/${site.tracker.id}`)
            : await admin().patch(`/v1/trackers/${site.tracker.id}`, { numbers: [] });
      expect(gone.status).toBe(how === 'list' ? 200 : 204);
      expectProblem(await admin().get(`/v1/numbers/${number}`), 404, 'not_found');
      expectProblem(await admin().delete(`/v1/numbers/${number}`), 404, 'not_found');
      const page = pageOf(server().url, site);
      for (const who of [visitor, newId()]) {
        const { body } = await page.view({ visitor: who });
        expect(body).toMatchObject({ status: how === 'tracker' ? 'no_target' : 'no_number', swaps: [] });
      }
      expect((await page.send({ type: 'renew', visitor })).body.swaps).toEqual([]);
      expect((await start(number)).body).toMatchObject({
        route: { destination: site.destination, tracker_id: site.tracker.id },
        session: { id: session },
        attribution: { visitor_id: visitor },
      });
    },
  );

  test('is not another site’s while its calls are credited', async () => {
    const { site, number, session } = await held();
    const other = await makeSite(admin(), { numbers: 0 });
    await admin().delete(`/v1/numbers/${number}`);
    const taken = await admin().post('/v1/numbers', { id: number, tracker_id: other.tracker.id });
    expectProblem(taken, 409, 'number_in_use');
    const change = await admin().patch(`/v1/trackers/${other.tracker.id}`, { numbers: [number] });
    expectProblem(change, 409, 'number_in_use');
    expect((await start(number)).body).toMatchObject({
      route: { destination: site.destination },
      session: { id: session },
    });
  });

  test('can come back', async () => {
    const { site, number } = await held();
    await admin().delete(`/v1/numbers/${number}`);
    const back = await admin().post('/v1/numbers', { id: number, tracker_id: site.tracker.id });
    expect(back).toMatchObject({ status: 201, body: { id: number, retired_at: null } });
    expect((await admin().get(`/v1/trackers/${site.tracker.id}/pool`)).body).toMatchObject({
      numbers: 1,
      retired: 0,
    });
  });

  if (mode !== 'embedded') {
    test('is unknown when its attribution window is over', async () => {
      const { site, number } = await held();
      await admin().delete(`/v1/numbers/${number}`);
      const age = (days: number) =>
        rowsOf(
          server(),
          'update numbers set retired_at = now() - make_interval(days => $2) where number = $1',
          [number, days],
        ).then(() => admin().patch(`/v1/sites/${site.id}`, { name: 'read anew' }));
      await age(29);
      expect((await start(number)).status).toBe(200);
      await age(31);
      expectProblem(await start(number), 404, 'unknown_number');
    });
  }
});
