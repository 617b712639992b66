import { expect, test } from 'vitest';
import { erlangB } from '../../../server/domain/leasing/erlang-b.js';
import { newId } from '../../../server/lib/ids.js';
import { type Api, api } from '../../support/api.js';
import { forEachMode } from '../../support/for-each-mode.js';
import { makeSite } from '../../support/site.js';
import { expectInvalid } from './expect-problem.js';
import { pageOf } from './page.js';

forEachMode('the size of a pool', ({ server }) => {
  const admin = (): Api => api(server().url, server().adminKey);
  const ask = async (tracker: string, query = '') => admin().get(`/v1/trackers/${tracker}/pool${query}`);

  test('nobody came: nothing is known', async () => {
    const site = await makeSite(admin(), { numbers: 2 });
    const { status, body } = await ask(site.tracker.id);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      numbers: 2,
      arrivals: 0,
      blocked: 0,
      mean_visit_seconds: null,
      mean_hold_seconds: null,
      peak_offered_load: 0,
      blocked_share: { observed: null, expected: null },
      cut_short_share: { observed: null, expected: null },
      numbers_for_1_percent: null,
      numbers_for_0_1_percent: null,
      what_if: null,
    });
    expect(body.hours).toHaveLength(169);
    expect(body.hours[0]).toEqual({ hour: body.start, arrivals: 0, blocked: 0, offered_load: 0 });
    expect(Date.parse(body.end) - Date.parse(body.hours[168].hour)).toBeLessThan(3_600_000);
    expect(Date.parse(body.hours[168].hour) - Date.parse(body.start)).toBe(7 * 86_400_000);
  });

  test('sessions that wanted a number are counted once, served or blocked', async () => {
    const site = await makeSite(admin(), { numbers: 2 });
    const page = pageOf(server().url, site);
    const visitors = Array.from({ length: 5 }, newId);
    // Everybody looks at two pages; two of them get a number.
    for (const visitor of [...visitors, ...visitors]) {
      expect((await page.view({ visitor })).status).toBe(200);
    }
    const { body } = await ask(site.tracker.id, '?numbers=5&min_reservation_seconds=1800');
    expect(body).toMatchObject({
      leased: 2,
      refused: 6,
      arrivals: 5,
      blocked: 3,
      blocked_share: { observed: 0.6 },
      cut_short_share: { observed: 0 },
      what_if: { numbers: 5, reservation_seconds: 1800, min_reservation_seconds: 1800, cut_short_share: 0 },
    });
    expect(body.mean_hold_seconds).toBeCloseTo(body.mean_visit_seconds + 300, 0);
    expect(body.what_if.mean_hold_seconds).toBeCloseTo(body.mean_visit_seconds + 1800, 0);
    // All came in one hour, unless that ended meanwhile.
    const busy = body.hours.filter((hour: { offered_load: number }) => hour.offered_load > 0);
    expect(body.peak_offered_load).toBe(
      Math.max(...busy.map((hour: { offered_load: number }) => hour.offered_load)),
    );
    if (busy.length === 1) {
      expect(busy[0]).toMatchObject({ arrivals: 5, blocked: 3 });
      expect(body.blocked_share.expected).toBeCloseTo(erlangB(2, busy[0].offered_load), 3);
      expect(erlangB(body.numbers_for_1_percent, busy[0].offered_load)).toBeLessThan(0.01);
    }
    expect(body.what_if.blocked_share).toBeGreaterThan(0);
    expect(body.what_if.numbers_for_1_percent).toBeGreaterThan(body.numbers_for_1_percent);
  });

  test('a question that no tracker could answer to is refused', async () => {
    const { tracker } = await makeSite(admin(), { numbers: 1 });
    expectInvalid(await ask(tracker.id, '?reservation_seconds=100'), 'min_reservation_seconds');
    expectInvalid(await ask(tracker.id, '?numbers=-1'), 'numbers');
    expectInvalid(await ask(tracker.id, '?numbers=100001'), 'numbers');
    expectInvalid(await ask(tracker.id, '?reservation_seconds=soon'), 'reservation_seconds');
    expect((await ask(tracker.id, '?number=4')).status).toBe(400);
    expect((await ask(tracker.id, '?numbers=0')).body.what_if).toMatchObject({
      numbers: 0,
      blocked_share: null,
    });
  });
});
