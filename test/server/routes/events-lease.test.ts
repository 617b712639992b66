import { describe, expect, test } from 'vitest';
import { isId, newId } from '../../../server/lib/ids.js';
import { api } from '../../support/api.js';
import { forEachMode } from '../../support/for-each-mode.js';
import { makeSite } from '../../support/site.js';
import { pageOf } from './page.js';

forEachMode('a visitor and their number', ({ server }) => {
  const admin = () => api(server().url, server().adminKey);

  test('a view is answered with a number of the pool, promised until expires_at', async () => {
    const site = await makeSite(admin());
    const visitor = newId();
    const { status, body, headers } = await pageOf(server().url, site).view({ visitor });
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toEqual({
      visitor,
      session: expect.any(String),
      status: 'ok',
      swaps: [
        {
          target: site.target,
          number: expect.any(String),
          display: expect.stringMatching(/^\(\d{3}\) 555-01\d\d$/),
          lease: expect.any(String),
          expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
          expires_in: 300,
          assignment: 'exclusive',
        },
      ],
      renew_after: 60,
    });
    expect(site.numbers).toContain(body.swaps[0]?.number);
  });

  test('who has no id is given one, and an id in capitals is the same id', async () => {
    const site = await makeSite(admin());
    const page = pageOf(server().url, site);
    const first = await page.view();
    expect(isId(first.body.visitor)).toBe(true);
    const second = await page.view({ visitor: first.body.visitor?.toUpperCase() });
    expect(second.body.visitor).toBe(first.body.visitor);
    expect(second.body.swaps[0]?.number).toBe(first.body.swaps[0]?.number);
  });

  test('the same visitor keeps number, lease and session on the next pages', async () => {
    const site = await makeSite(admin());
    const page = pageOf(server().url, site);
    const visitor = newId();
    const first = (await page.view({ visitor })).body;
    const second = (await page.view({ visitor, page: { url: 'https://shop.example/prices' } })).body;
    expect(second.session).toBe(first.session);
    expect(second.swaps[0]).toMatchObject({
      number: first.swaps[0]?.number,
      lease: first.swaps[0]?.lease,
    });
  });

  test('20 simultaneous asks of one visitor get one number in one session', async () => {
    const site = await makeSite(admin(), { numbers: 25 });
    const page = pageOf(server().url, site);
    const visitor = newId();
    const replies = await Promise.all(Array.from({ length: 20 }, () => page.view({ visitor })));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(replies.map(({ body }) => body.swaps[0]?.number)).size).toBe(1);
    expect(new Set(replies.map(({ body }) => body.swaps[0]?.lease)).size).toBe(1);
    expect(new Set(replies.map(({ body }) => body.session)).size).toBe(1);
    const pool = await admin().get(`/v1/trackers/${site.tracker.id}/pool`);
    expect(pool.body).toMatchObject({ numbers: 25, leased: 1, free: 24, retired: 0 });
  });

  test('200 visitors at once over 100 numbers: 100 distinct numbers, and 100 are told there is none', async () => {
    const site = await makeSite(admin(), { numbers: 100 });
    const page = pageOf(server().url, site);
    const replies = await Promise.all(Array.from({ length: 200 }, () => page.view({ visitor: newId() })));
    const numbers = replies.flatMap(({ body }) => body.swaps.map((swap) => swap.number));
    expect(numbers).toHaveLength(100);
    expect(new Set(numbers)).toEqual(new Set(site.numbers));
    const without = replies.filter(({ body }) => body.swaps.length === 0);
    expect(new Set(without.map(({ body }) => body.status))).toEqual(new Set(['no_number']));
    // They are visitors all the same, and need not ask again until the next page.
    expect(without.every(({ body }) => body.visitor && body.session && body.renew_after === null)).toBe(true);
    const pool = await admin().get(`/v1/trackers/${site.tracker.id}/pool`);
    expect(pool.body).toMatchObject({
      numbers: 100,
      leased: 100,
      elastic: 0,
      free: 0,
      reclaimed: 0,
      refused: 100,
    });
  });

  test("an id that another site's visitor has is replaced, and nothing of theirs is told", async () => {
    const [mine, theirs] = [await makeSite(admin()), await makeSite(admin())];
    const first = (await pageOf(server().url, theirs).view()).body;
    const second = (await pageOf(server().url, mine).view({ visitor: first.visitor, session: first.session }))
      .body;
    expect(second.visitor).not.toBe(first.visitor);
    expect(second.session).not.toBe(first.session);
    expect(mine.numbers).toContain(second.swaps[0]?.number);
    const pool = await admin().get(`/v1/trackers/${mine.tracker.id}/pool`);
    expect(pool.body).toMatchObject({ leased: 1 });
  });

  describe('afterwards', () => {
    test('a renewal promises the same number anew; of a stranger it takes none', async () => {
      const site = await makeSite(admin());
      const page = pageOf(server().url, site);
      const { visitor, session, swaps } = (await page.view()).body;
      const renewed = await page.send({ type: 'renew', visitor, session });
      expect(renewed.status).toBe(200);
      expect(renewed.body).toMatchObject({ visitor, session, status: 'ok', renew_after: 60 });
      expect(renewed.body.swaps).toEqual([{ ...swaps[0], expires_at: expect.any(String) }]);
      expect(Date.parse(renewed.body.swaps[0]?.expires_at ?? '')).toBeGreaterThanOrEqual(
        Date.parse(swaps[0]?.expires_at ?? ''),
      );
      const stranger = await page.send({ type: 'renew', visitor: newId() });
      expect(stranger.body).toMatchObject({ status: 'no_number', swaps: [], renew_after: null });
    });

    test('who left and comes back has their number still', async () => {
      const site = await makeSite(admin());
      const page = pageOf(server().url, site);
      const { visitor, swaps } = (await page.view()).body;
      const left = await page.send({ type: 'leave', visitor });
      expect(left.status).toBe(204);
      expect(left.body).toBeNull();
      expect((await page.view({ visitor })).body.swaps[0]?.number).toBe(swaps[0]?.number);
    });

    test('who withdraws has no number any more', async () => {
      const site = await makeSite(admin());
      const page = pageOf(server().url, site);
      const { visitor } = (await page.view()).body;
      expect((await page.send({ type: 'withdraw', visitor })).status).toBe(204);
      const renewed = await page.send({ type: 'renew', visitor });
      expect(renewed.body).toMatchObject({ status: 'no_number', swaps: [] });
      const pool = await admin().get(`/v1/trackers/${site.tracker.id}/pool`);
      expect(pool.body).toMatchObject({ leased: 0 });
    });
  });
});
