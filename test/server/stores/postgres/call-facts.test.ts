import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../../../server/lib/ids.js';
import { callFacts } from '../../../../server/stores/postgres/call-facts.js';
import {
  type AttributionWorld,
  ago,
  CALL,
  type EarlierGiven,
  makeAttributionWorld,
} from '../../../support/attribution-world.js';

const DAY = 86_400;
const CALLER = '+12125550170';

let world: AttributionWorld;
let here: Awaited<ReturnType<AttributionWorld['site']>>;
beforeAll(async () => {
  world = await makeAttributionWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  here = await world.site();
});

const factsOf = (given: Partial<Parameters<typeof callFacts>[1]> = {}) =>
  callFacts(world.pool, {
    siteId: here.siteId,
    number: here.number,
    startedAt: CALL,
    from: CALLER,
    codes: [],
    attributionDays: 30,
    callId: null,
    ...given,
  });
type Given = { shown: number; silent?: number; left?: number; ended?: number; visitorId?: string };
async function shown(...given: Given[]) {
  const leases = [];
  for (const { visitorId, silent, ...one } of given) {
    leases.push({
      siteId: here.siteId,
      number: here.number,
      visitorId: visitorId ?? (await world.visitor(here.siteId)),
      silent: silent ?? one.shown,
      ...one,
    });
  }
  return world.leases(leases);
}
const giveCode = (visitorId: string, code: string, created = 60, expires = -DAY) =>
  world.sql(
    `insert into codes (id, site_id, code, visitor_id, page_url, created_at, expires_at)
    values ($1, $2, $3, $4, '', $5, $6)`,
    [newId(), here.siteId, code, visitorId, ago(created), ago(expires)],
  );
const earlier = (given: Pick<EarlierGiven, 'started'> & Partial<EarlierGiven>) =>
  world.call({ ...here, from: CALLER, method: 'recency', visitorId: null, confidence: 0, ...given });
const ids = (leases: { id: string }[]) => leases.map(({ id }) => id);
const lease_ids = (leases: { lease_id: string }[]) => leases.map(({ lease_id }) => lease_id);

describe('the candidates of a call', () => {
  it('are those who were shown the number, newest first, with ages reckoned to its start', async () => {
    const leases = await shown(
      { shown: 60, silent: 20.5 },
      { shown: 600, silent: 400, ended: 100 },
      { shown: -1, silent: -1 },
    );
    const { leases: found, older } = await factsOf();
    expect(found).toMatchObject([
      { lease_id: leases[0]?.id, shown_for: 60, silent_for: 20.5, tapped_for: null, country: null },
      { lease_id: leases[1]?.id, shown_for: 600, silent_for: 400 },
    ]);
    expect(older).toEqual([]);
  });

  it('have been silent for no time, where they gave signs after the call began', async () => {
    await shown({ shown: 60, silent: -30 });
    expect((await factsOf()).leases).toMatchObject([{ silent_for: 0, page_open: true }]);
  });

  it.each<[string, Given, boolean]>([
    ['neither left nor ended', { shown: 60 }, true],
    ['left before', { shown: 60, left: 1 }, false],
    ['left after', { shown: 60, left: -1 }, true],
    ['ended before', { shown: 60, ended: 1 }, false],
    ['ended after', { shown: 60, ended: -1 }, true],
    ['left before, ended after', { shown: 60, left: 1, ended: -1 }, false],
    ['left after, which says that it had not ended', { shown: 60, left: -1, ended: -2 }, true],
  ])('have the page open as far as is known: %s', async (_, given, isOpen) => {
    await shown(given);
    expect((await factsOf()).leases).toMatchObject([{ page_open: isOpen }]);
  });

  it.each<[string, number[], number | null]>([
    ['none', [], null],
    ['before the call', [40, 6], 6],
    ['too long before', [301], null],
    ['told so as after the call, by as much as clocks and networks differ', [-9], 0],
    ['long after the call', [-11], null],
    ['before, and again long after', [50, -30], 50],
  ])('have tapped: %s', async (_, taps, expected) => {
    const [lease] = await shown({ shown: 900 });
    for (const seconds of taps) if (lease) await world.tap(lease, seconds);
    const [found] = (await factsOf()).leases;
    expect(found?.tapped_for).toBe(expected);
  });

  it('name the latest session that began while they could have called', async () => {
    const sessions = [
      { started: 9000, country: 'US' },
      { started: 5000, country: 'DE' },
      { started: 300, country: 'FR' },
    ];
    const visitorId = await world.visitor(here.siteId, sessions);
    await shown({ shown: 9000, silent: 4900, ended: 3000, visitorId });
    expect((await factsOf()).leases).toMatchObject([{ country: 'DE', session_id: expect.any(String) }]);
  });

  it('are of the site, seen within the attribution window, and not withdrawn', async () => {
    const there = await world.site();
    const gone = await world.visitor(here.siteId);
    await world.sql('update visitors set withdrawn_at = $2 where id = $1', [gone, CALL]);
    const [kept] = await shown(
      { shown: 31 * DAY, silent: 29 * DAY },
      { shown: 32 * DAY, silent: 31 * DAY },
      { shown: 60, visitorId: gone },
    );
    // The number was another site's before.
    await world.leases([
      { ...here, siteId: there.siteId, visitorId: await world.visitor(there.siteId), shown: 90, silent: 90 },
    ]);
    expect(lease_ids((await factsOf()).leases)).toEqual([kept?.id]);
    expect((await factsOf({ attributionDays: 7 })).leases).toEqual([]);
  });

  it('are the newest 50, and those whom a code or an earlier call names; the others are counted by their age', async () => {
    const [coded, redialler] = [await world.visitor(here.siteId), await world.visitor(here.siteId)];
    const ages = Array.from({ length: 50 }, (_, at) => ({ shown: 100 + at }));
    const newest = await shown(...ages);
    const old = await shown(
      { shown: 200 },
      { shown: 3599 },
      { shown: 3600, visitorId: coded },
      { shown: 5 * DAY, visitorId: redialler },
      { shown: 17 * DAY },
      { shown: 29 * DAY },
      { shown: 31 * DAY },
    );
    const plain = await factsOf();
    expect(lease_ids(plain.leases)).toEqual(ids(newest));
    expect(plain.older).toEqual([
      { from: 149, to: 3600, count: 2 },
      { from: 3600, to: 14_400, count: 1 },
      { from: 4 * DAY, to: 8 * DAY, count: 1 },
      { from: 16 * DAY, to: 30 * DAY, count: 2 },
    ]);
    await giveCode(coded, '4711');
    await earlier({ started: DAY, visitorId: redialler, confidence: 0.9 });
    const named = await factsOf({ codes: ['4711'] });
    expect(lease_ids(named.leases)).toEqual([...ids(newest), old[2]?.id, old[3]?.id]);
    expect(named).toMatchObject({ code: { visitor_id: coded }, redial: { visitor_id: redialler } });
  });
});

describe('a code', () => {
  it('is its visitor’s at their latest session, until it expires', async () => {
    const visitorId = await world.visitor(here.siteId, [{ started: 900 }, { started: 300 }]);
    await giveCode(visitorId, '4711', 200, -60);
    const [latest] = await world.sql<{ id: string }>(
      'select id from sessions where visitor_id = $1 order by started_at desc limit 1',
      [visitorId],
    );
    const code = { visitor_id: visitorId, session_id: latest?.id };
    expect((await factsOf({ codes: ['1', '4711'] })).code).toEqual(code);
    expect((await factsOf({ codes: ['471'] })).code).toBeNull();
    expect((await factsOf({ codes: ['4711'], startedAt: ago(-61) })).code).toBeNull();
    expect((await factsOf({ codes: ['4711'], siteId: (await world.site()).siteId })).code).toBeNull();
    await world.sql('update visitors set withdrawn_at = $2 where id = $1', [visitorId, CALL]);
    expect((await factsOf({ codes: ['4711'] })).code).toBeNull();
  });
});

describe('an earlier call of the caller', () => {
  it('is one of the site and window, before this one; none of a caller who is not known', async () => {
    const visitorId = await world.visitor(here.siteId, [{ started: 100 }]);
    const call = await earlier({ started: 600, visitorId, confidence: 0.7 });
    const [session] = await world.sql<{ id: string }>('select id from sessions where visitor_id = $1', [
      visitorId,
    ]);
    const known = await factsOf();
    expect(known.redial).toEqual({
      call_id: call,
      visitor_id: visitorId,
      session_id: session?.id,
      confidence: 0.7,
      same_number: true,
      others: [],
    });
    expect(known.prior_calls).toBe(1);
    for (const other of [
      { from: null },
      { from: '+12125550171' },
      { callId: call },
      { startedAt: ago(600) },
      { siteId: (await world.site()).siteId },
    ]) {
      expect(await factsOf(other)).toMatchObject({ redial: null, prior_calls: 0 });
    }
    // A call of before the window is still one of before.
    expect(await factsOf({ startedAt: ago(-30 * DAY) })).toMatchObject({ redial: null, prior_calls: 1 });
  });

  it('says who else it may have been, as decided last and not withdrawn', async () => {
    const [one, other, gone] = [
      await world.visitor(here.siteId),
      await world.visitor(here.siteId),
      await world.visitor(here.siteId),
    ];
    await earlier({
      started: 600,
      visitorId: one,
      confidence: 0.5,
      candidates: [
        { visitor_id: one, probability: 0.5 },
        { visitor_id: other, probability: 0.2 },
        { visitor_id: gone, probability: 0.2 },
        { visitor_id: null, probability: 0.1 },
      ],
    });
    await world.sql('update visitors set withdrawn_at = $2 where id = $1', [gone, CALL]);
    expect((await factsOf()).redial?.others).toEqual([{ visitor_id: other, probability: 0.2 }]);
    // Of whom it was is not told any more when they withdraw; who else it may have been is.
    await world.sql('update visitors set withdrawn_at = $2 where id = $1', [one, CALL]);
    expect((await factsOf()).redial).toMatchObject({
      visitor_id: null,
      confidence: 0,
      same_number: true,
      others: [{ visitor_id: other, probability: 0.2 }],
    });
  });

  type Said = [started: number, method: string, visitor: 'a' | 'b' | null, confidence: number];
  it.each<[string, Said[], number]>([
    [
      'the latest',
      [
        [900, 'recency', 'a', 0.9],
        [600, 'recency', 'a', 0.9],
      ],
      1,
    ],
    [
      'somebody’s rather than nobody’s',
      [
        [900, 'recency', 'a', 0.3],
        [600, 'unknown', null, 0],
      ],
      0,
    ],
    [
      'nobody’s where there is no other',
      [
        [900, 'source', null, 1],
        [600, 'unknown', null, 0],
      ],
      1,
    ],
    [
      'by evidence of its own',
      [
        [900, 'recency', 'a', 0.6],
        [600, 'redial', 'b', 0.9],
      ],
      0,
    ],
    [
      'surely rather than not',
      [
        [900, 'tap', 'a', 0.9],
        [600, 'recency', 'b', 0.7],
      ],
      0,
    ],
    [
      'a sure one however much surer another is',
      [
        [900, 'code', 'a', 0.99],
        [600, 'recency', 'b', 0.81],
      ],
      1,
    ],
  ])('is the one that says most: %s', async (_, said, expected) => {
    const visitors = { a: await world.visitor(here.siteId), b: await world.visitor(here.siteId) };
    const calls: string[] = [];
    for (const [started, method, who, confidence] of said) {
      calls.push(await earlier({ started, method, visitorId: who && visitors[who], confidence }));
    }
    expect((await factsOf()).redial?.call_id).toBe(calls[expected]);
  });

  it('is no memory of a phone that three visitors surely called from; doubtful ones and redials do not tell', async () => {
    const sure = { method: 'recency', confidence: 0.8 };
    for (const started of [600, 500])
      await earlier({ started, ...sure, visitorId: await world.visitor(here.siteId) });
    await earlier({ started: 400, ...sure, confidence: 0.79, visitorId: await world.visitor(here.siteId) });
    await earlier({ started: 300, ...sure, method: 'redial', visitorId: await world.visitor(here.siteId) });
    expect((await factsOf()).redial).not.toBeNull();
    await earlier({ started: 200, ...sure, method: 'tap', visitorId: await world.visitor(here.siteId) });
    expect(await factsOf()).toMatchObject({ redial: null, prior_calls: 5 });
  });
});

it('how callers behave is as it was learned last on the site', async () => {
  expect((await factsOf()).model).toBeNull();
  for (const version of [2, 10, 9]) {
    await world.sql(
      `insert into time_models (site_id, version, learned_at, since, calls, model) values ($1, $2, $3, $3, 1, $4)`,
      [here.siteId, version, CALL, JSON.stringify({ version })],
    );
  }
  expect((await factsOf()).model).toEqual({ version: 10 });
});
