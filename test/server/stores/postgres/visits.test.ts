import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decideSession } from '../../../../server/domain/sessions/decide-session.js';
import { newId } from '../../../../server/lib/ids.js';
import { createPool, type Pool } from '../../../../server/stores/postgres/pool.js';
import { createVisitStore } from '../../../../server/stores/postgres/visits.js';
import type { Visit, VisitResult, VisitStore } from '../../../../server/stores/visits.js';
import { createDatabase, type TestDatabase } from '../../../support/database.js';
import { failingDatabase, sqlError } from '../../../support/failing-database.js';
import { type VirtualClock, virtualClock } from '../../../support/virtual-clock.js';
import { byCampaign, direct, visitOf } from '../../../support/visit.js';

let database: TestDatabase;
let pools: Pool[];
/** Two servers. */
let stores: [VisitStore, VisitStore];
let clock: VirtualClock;
let siteId: string;
let visitorId: string;

beforeAll(async () => {
  database = await createDatabase();
  pools = [1, 2].map(() =>
    createPool({ connection: { connectionString: database.url }, max: 5, onError: () => {} }),
  );
  stores = pools.map((pool) => createVisitStore(pool, decideSession)) as typeof stores;
});
afterAll(async () => {
  for (const pool of pools) await pool.end();
  await database.drop();
});
beforeEach(() => {
  clock = virtualClock();
  [siteId, visitorId] = [newId(), newId()];
});

type Stored = Extract<VisitResult, { kind: 'stored' }>;

async function visit(given: Partial<Visit> = {}, store = stores[0]): Promise<Stored> {
  const result = await store.add(visitOf({ siteId, visitorId, now: clock.now(), ...given }));
  if (result.kind !== 'stored') throw new Error('the visitor is another site’s');
  return result;
}

const sql = async (text: string, values: unknown[] = [visitorId]) =>
  (await (pools[0] as Pool).query(text, values)).rows;
const sessions = () => sql('select * from sessions where visitor_id = $1 order by started_at, id');
const touches = () => sql('select * from touches where visitor_id = $1 order by touched_at, id');

describe('a session', () => {
  it('goes on while its visitor is away for less than 30 minutes', async () => {
    const first = await visit();
    clock.pass(30 * 60 - 1);
    const second = await visit({
      page: { id: newId(), url: 'https://shop.example/b', title: null, referrer: null },
    });
    expect(second.sessionId).toBe(first.sessionId);
    expect(await sessions()).toMatchObject([
      {
        page_view_count: 2,
        last_seen_at: clock.now(),
        landing_page_url: 'https://shop.example/',
        last_requested_url: 'https://shop.example/b',
      },
    ]);
  });

  it('is a new one after 30 minutes', async () => {
    const first = await visit();
    clock.pass(30 * 60);
    const second = await visit({}, stores[1]);
    expect(second.sessionId).not.toBe(first.sessionId);
    expect(await sessions()).toMatchObject([{ id: first.sessionId }, { id: second.sessionId }]);
    expect(await touches()).toHaveLength(2);
  });

  it('is a new one when a campaign arrives, at once', async () => {
    await visit();
    clock.pass(1);
    await visit({ arrival: byCampaign('winter') });
    clock.pass(1);
    await visit({ arrival: byCampaign('spring') });
    expect((await sessions()).map((session) => session.campaign)).toEqual([null, 'winter', 'spring']);
  });

  it('goes on when the same campaign arrives again, and when an inner page is opened', async () => {
    const first = await visit({ arrival: byCampaign('winter') });
    clock.pass(60);
    const reload = await visit({ arrival: byCampaign('winter') });
    const inner = await visit({ arrival: direct });
    expect([reload.sessionId, inner.sessionId]).toEqual([first.sessionId, first.sessionId]);
    expect(await touches()).toHaveLength(1);
  });

  it('gets a touch for a later arrival from another site', async () => {
    await visit();
    clock.pass(60);
    await visit({
      arrival: {
        ...direct,
        source: 'news.example',
        medium: 'referral',
        referringUrl: 'https://news.example/',
      },
    });
    expect(await sessions()).toHaveLength(1);
    expect((await touches()).map((touch) => touch.source)).toEqual(['(direct)', 'news.example']);
  });

  it('gets that touch once, however often the page is asked for again or loaded anew', async () => {
    await visit();
    const arrival = {
      ...direct,
      source: 'news.example',
      medium: 'referral',
      referringUrl: 'https://news.example/',
    };
    const page = { id: newId(), url: 'https://shop.example/', title: 'Shop', referrer: null };
    for (const id of [page.id, page.id, newId()]) {
      clock.pass(60);
      await visit({ page: { ...page, id }, arrival });
    }
    expect((await touches()).map((touch) => touch.source)).toEqual(['(direct)', 'news.example']);
  });

  it('gathers the ids that other tools gave the visitor', async () => {
    await visit({ ids: { ga: '1' } });
    await visit({ ids: { ym: '2' } });
    expect(await sessions()).toMatchObject([{ ids: { ga: '1', ym: '2' } }]);
  });
});

describe('many tabs', () => {
  it.each([2, 10])('%i of a new visitor at once make one session', async (count) => {
    const results = await Promise.all(
      Array.from({ length: count }, (_, at) => visit({}, stores[at % 2 ? 1 : 0])),
    );
    expect(new Set(results.map((result) => result.sessionId)).size).toBe(1);
    expect(await sessions()).toMatchObject([{ page_view_count: count }]);
    expect(await touches()).toHaveLength(1);
  });

  it('two opened at once after an idle half hour, on two servers, make one session', async () => {
    for (let round = 0; round < 5; round += 1) {
      const results = await Promise.all([visit({}, stores[0]), visit({}, stores[1])]);
      expect(results[0].sessionId).toBe(results[1].sessionId);
      clock.pass(3600);
    }
    expect(await sessions()).toHaveLength(5);
    expect((await sessions()).map((session) => session.page_view_count)).toEqual([2, 2, 2, 2, 2]);
  });
});

describe('a page view', () => {
  it('that is sent again counts once', async () => {
    const page = { id: newId(), url: 'https://shop.example/', title: 'Shop', referrer: null };
    const first = await visit({ page });
    const again = await visit({ page }, stores[1]);
    expect(again.sessionId).toBe(first.sessionId);
    expect(await sessions()).toMatchObject([{ page_view_count: 1 }]);
    expect(await sql('select * from page_views where visitor_id = $1')).toMatchObject([
      { id: page.id, title: 'Shop' },
    ]);
  });

  it('of a visitor of another site is not stored', async () => {
    await visit();
    const other = newId();
    const result = await stores[1].add(visitOf({ siteId: other, visitorId, now: clock.now() }));
    expect(result).toEqual({ kind: 'foreign' });
    expect(await sessions()).toHaveLength(1);
    expect(await sql('select * from page_views where site_id = $1', [other])).toEqual([]);
  });

  it('of a visitor who withdrew is not stored under the id they had', async () => {
    await visit();
    await sql('update visitors set withdrawn_at = clock_timestamp() where id = $1');
    expect(await stores[0].add(visitOf({ siteId, visitorId, now: clock.now() }))).toEqual({
      kind: 'foreign',
    });
    expect(await sql('select * from page_views where visitor_id = $1')).toHaveLength(1);
  });

  it('of one visitor id on two sites at once is stored for one of them', async () => {
    const sites = [newId(), newId()];
    const results = await Promise.all(
      sites.map((site, at) => stores[at ? 1 : 0].add(visitOf({ siteId: site, visitorId, now: clock.now() }))),
    );
    expect(results.map((result) => result.kind).sort()).toEqual(['foreign', 'stored']);
    expect(await sessions()).toHaveLength(1);
  });
});

describe('a batch', () => {
  const many = (count: number) =>
    Array.from({ length: count }, () => visitOf({ siteId, visitorId: newId(), now: clock.now() }));

  it('of 200 visits at once is stored, each for itself', async () => {
    const results = await Promise.all([
      ...many(100).map((one) => stores[0].add(one)),
      ...many(100).map((one) => stores[1].add(one)),
    ]);
    expect(results.every((result) => result.kind === 'stored')).toBe(true);
    const [stored] = await sql(
      'select count(*) as sessions, sum(page_view_count)::int as views from sessions where site_id = $1',
      [siteId],
    );
    expect(stored).toEqual({ sessions: 200, views: 200 });
  });

  it('with one row that cannot be stored loses that one alone', async () => {
    const visits = many(20);
    // Half of a surrogate pair: jsonb does not take it.
    const bad = visits[7] as Visit;
    bad.ids = { ga: '\ud800' };
    const results = await Promise.allSettled(visits.map((one) => stores[0].add(one)));
    expect(results.map((result) => result.status).filter((status) => status === 'rejected')).toHaveLength(1);
    expect(results[7]).toMatchObject({ status: 'rejected', reason: { code: expect.any(String) } });
    const [stored] = await sql('select count(*) as count from sessions where site_id = $1', [siteId]);
    expect(stored?.count).toBe(19);
    expect(await sql('select * from visitors where id = $1', [bad.visitorId])).toEqual([]);
  });

  it.each(['40P01', '40001'])(
    'that lost a race (%s) is stored row by row, and so is a single row',
    async (code) => {
      const failing = failingDatabase(pools[0] as Pool);
      const store = createVisitStore(failing.db, decideSession);
      failing.failNext('commit-visits', sqlError(code));
      const together = await Promise.all(many(3).map((one) => store.add(one)));
      expect(together.map((result) => result.kind)).toEqual(['stored', 'stored', 'stored']);

      failing.failNext('commit-visits', sqlError(code), sqlError(code));
      expect((await visit({}, store)).kind).toBe('stored');
      expect(await sessions()).toHaveLength(1);
    },
  );

  it('is refused, not retried, while the database is away', async () => {
    const failing = failingDatabase(pools[0] as Pool);
    const store = createVisitStore(failing.db, decideSession);
    failing.failNext('commit-visits', sqlError('57P01'));
    const results = await Promise.allSettled(many(3).map((one) => store.add(one)));
    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect((await visit({}, store)).kind).toBe('stored');
  });

  it('is counted', async () => {
    const batches: number[] = [];
    const store = createVisitStore(pools[0] as Pool, decideSession, {
      onBatch: (rows) => batches.push(rows),
    });
    await Promise.all(many(250).map((one) => store.add(one)));
    expect(batches).toEqual([200, 50]);
    await store.drain();
  });
});

describe('the current session of a visitor', () => {
  it('is the latest, for its own site only', async () => {
    await visit();
    await visit({ arrival: byCampaign('winter') });
    expect(await stores[1].currentSession(siteId, visitorId)).toMatchObject({
      campaign: 'winter',
      source: 'google',
    });
    expect(await stores[1].currentSession(newId(), visitorId)).toBeNull();
    expect(await stores[1].currentSession(siteId, newId())).toBeNull();
  });
});
