import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { storedChannel } from '../../../../server/domain/sources/stored-channel.js';
import type { ChannelStore, DeriveChannel, StoredArrival } from '../../../../server/stores/channels.js';
import { createChannelStore } from '../../../../server/stores/postgres/channels.js';
import { createCostStore } from '../../../../server/stores/postgres/costs.js';
import { createPool } from '../../../../server/stores/postgres/pool.js';
import { createSettingsStore } from '../../../../server/stores/postgres/settings/settings.js';
import type { ChannelRule, SettingsStore } from '../../../../server/stores/settings.js';
import { createDatabase, type TestDatabase } from '../../../support/database.js';
import { newSite, newTracker } from '../../../support/settings-rows.js';
import { addCall } from './reports/rows.js';

let database: TestDatabase;
let pool: pg.Pool;
let settings: SettingsStore;
let store: ChannelStore;
let siteId: string;
let trackerId: string;

beforeAll(async () => {
  database = await createDatabase();
  pool = createPool({ connection: { connectionString: database.url }, max: 8, onError() {} });
  settings = createSettingsStore(pool);
  store = createChannelStore(pool, storedChannel);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});
beforeEach(async () => {
  await pool.query('delete from channel_derivations');
  siteId = (await settings.createSite(newSite())).id;
  trackerId = (await settings.createTracker(newTracker(siteId))).id;
});

const sql = async <T extends object>(text: string, values: unknown[] = []) =>
  (await pool.query<T>(text, values)).rows;

/** So many visits of a site, several at a time, each with two touches, a call of the visit, one of a flyer, and a cost. */
async function fill(site: string, visits: number): Promise<void> {
  const of = [site, trackerId, visits];
  await sql(
    `with visit as (
      select
        n,
        gen_random_uuid() as id,
        gen_random_uuid() as visitor_id,
        timestamptz '2026-10-01' + n / 3 * interval '1 minute' as at,
        (array['google', 'bing', 'partner'])[n % 3 + 1] as source,
        'https://shop.example/' || (array['', 'boilers/new'])[n % 2 + 1] as url,
        (array['https://a.partner.example/', null])[n % 5 % 2 + 1] as referring_url,
        (array['{"gclid":"x"}', '{}'])[n % 7 % 2 + 1]::jsonb as click_ids
      from generate_series(1, $3::integer) as n
    ),
    visited as (
      insert into sessions (
        id, site_id, visitor_id, started_at, last_seen_at, source, medium, utm, click_ids, landing_page_url, landing_page,
        landing_params, referring_url, device_type, page_view_count, last_requested_url, ids
      )
      select
        id, $1, visitor_id, at, at, source, 'cpc', '{}', click_ids, url, url, '{}', referring_url, 'mobile', 1, url, '{}'
      from visit
    ),
    touched as (
      insert into touches (
        id, site_id, visitor_id, session_id, touched_at, source, medium, click_ids, landing_page_url, referring_url
      )
      select gen_random_uuid(), $1, visitor_id, id, at + more * interval '1 s', source, 'cpc', click_ids, url, referring_url
      from visit
      cross join generate_series(0, 1) as more
    ),
    called as (
      insert into calls (
        id, site_id, tracker_id, provider, provider_call_id, tracking_number, business_number, started_at, status, method,
        confidence, visitor_id, session_id, source, medium, landing_page, first_call, prior_calls, tags, spam, created_at,
        updated_at
      )
      select
        gen_random_uuid(), $1::uuid, $2::uuid, 'api', gen_random_uuid()::text, '+12025550101', '+12125550199', at, 'answered', 'recency', 1,
        visitor_id, id, source, 'cpc', url, true, 0, '{}'::text[], false, at, clock_timestamp()
      from visit
      union all
      select
        gen_random_uuid(), $1::uuid, $2::uuid, 'api', gen_random_uuid()::text, '+12025550101', '+12125550199', at, 'answered', 'source', 1,
        null::uuid, null::uuid, (array['partner', null])[n % 2 + 1], null, null, true, 0, '{}'::text[], false, at, clock_timestamp()
      from visit
      returning id, visitor_id, session_id, started_at, source, landing_page
    ),
    spent as (
      insert into costs (site_id, day, source, medium, campaign, keyword, cost, currency, updated_at)
      select
        $1, date '2026-10-01' + n / 100, source, (array['cpc', ''])[n % 2 + 1], (array['winter', ''])[n % 7 % 2 + 1], n::text,
        1, 'USD', at
      from visit
    )
    insert into call_touches (
      call_id, site_id, position, visitor_id, call_started_at, touch_id, session_id, touched_at, source, medium, click_ids,
      landing_page_url, in_window, is_first, is_last, is_last_not_direct
    )
    select
      id, $1, position, visitor_id, started_at, gen_random_uuid(), session_id, started_at, source, 'cpc', '{}', landing_page,
      true, position = 1, position = 2, position = 2
    from called
    cross join generate_series(1, 2) as position
    where session_id is not null`,
    of,
  );
}

type Stored = StoredArrival & { channel: string | null };

/** All that a site has stored of arrivals and of what they cost, table by table. */
async function stored(site: string): Promise<Record<string, Stored[]>> {
  const all: Record<string, Stored[]> = {};
  for (const table of ['sessions', 'touches', 'call_touches']) {
    all[table] = await sql<Stored>(`select * from ${table} where site_id = $1`, [site]);
  }
  all.calls = await sql<Stored>(
    `select
      calls.source, calls.medium, calls.campaign, calls.channel, session.landing_page_url, session.referring_url,
      session.click_ids
    from calls
    left join sessions as session on session.id = calls.session_id
    where calls.site_id = $1`,
    [site],
  );
  all.costs = await sql<Stored>(
    `select source, medium, campaign, channel, null as landing_page_url, null as referring_url, null as click_ids
    from costs
    where site_id = $1`,
    [site],
  );
  return all;
}

async function expectAllBy(rules: ChannelRule[], visits: number): Promise<void> {
  const all = await stored(siteId);
  for (const [table, rows] of Object.entries(all)) {
    expect(rows).toHaveLength(table === 'sessions' || table === 'costs' ? visits : 2 * visits);
    const wrong = rows.filter(
      (row) => row.channel !== (row.source === null ? null : storedChannel(rules, row)),
    );
    expect(wrong, table).toEqual([]);
  }
}

const RULES: ChannelRule[] = [
  { channel: 'Boilers', match: { landing_page: '/boilers', click_id: 'gclid' } },
  { channel: 'Friends', match: { referrer_domain: 'partner.example' } },
  { channel: 'Partners', match: { source: 'partner' } },
];

const change = (channel_rules: ChannelRule[]) => settings.updateSite(siteId, { channel_rules });
const isDerived = async () =>
  (await settings.listSites({ after: null, limit: 1 }, siteId))[0]?.channels_derived;

/** Until somebody waits for a lock. */
async function somebodyWaits(): Promise<void> {
  const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  while ((await sql(waiting)).length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Derives until there is nothing to do. How many pieces it were. */
async function derive(by = store): Promise<number> {
  for (let pieces = 0; ; pieces += 1) if (!(await by.deriveSome())) return pieces;
}

describe('rules that change', () => {
  it('are those of all that the site has stored, once that is derived, and of no other site', async () => {
    const other = (await settings.createSite(newSite())).id;
    await fill(siteId, 700);
    await fill(other, 5);
    expect(await isDerived()).toBe(true);
    expect(await change(RULES)).toMatchObject({
      channel_rules: RULES,
      channel_version: 2,
      channels_derived: false,
    });
    // 700 visits, 1,400 calls and 700 costs, 500 at a time.
    expect(await derive()).toBe(2 + 3 + 2);
    expect(await isDerived()).toBe(true);
    await expectAllBy(RULES, 700);
    const { costs = [], ...arrivals } = await stored(siteId);
    const channelsOf = (rows: Stored[]) => new Set(rows.map(({ channel }) => channel));
    expect(channelsOf(Object.values(arrivals).flat())).toEqual(
      new Set(['Boilers', 'Friends', 'Paid Search', 'Partners', null]),
    );
    // Of a cost neither a page nor a referrer nor a click id is known.
    expect(channelsOf(costs)).toEqual(new Set(['Organic Search', 'Paid Search', 'Partners']));
    for (const rows of Object.values(await stored(other))) {
      expect(rows.every(({ channel }) => channel === null)).toBe(true);
    }
  });

  it('the same again change nothing; none lead back', async () => {
    await fill(siteId, 10);
    await change(RULES);
    await derive();
    await change(structuredClone(RULES));
    expect(await isDerived()).toBe(true);
    expect(await change([])).toMatchObject({
      channel_rules: [],
      channel_version: 3,
      channels_derived: false,
    });
    await derive();
    await expectAllBy([], 10);
  });

  it('once more, half-way, are the last ones of everything', async () => {
    await fill(siteId, 700);
    await change([{ channel: 'All', match: {} }]);
    // Up to the second piece of the costs.
    for (let piece = 0; piece < 6; piece += 1) await store.deriveSome();
    await change(RULES);
    expect(await derive()).toBe(7);
    await expectAllBy(RULES, 700);
  });

  it('are gone on with where a server broke off, by several at once', async () => {
    await fill(siteId, 700);
    await change(RULES);
    let calls = 0;
    const flaky: DeriveChannel = (rules, arrival) => {
      calls += 1;
      if (calls % 2_003 === 0) throw new Error('killed');
      return storedChannel(rules, arrival);
    };
    let broken = 0;
    const server = async () => {
      const by = createChannelStore(pool, flaky);
      while (!(await isDerived())) {
        await by.deriveSome().catch(() => {
          broken += 1;
        });
      }
    };
    await Promise.all([server(), server(), server()]);
    expect(broken).toBeGreaterThan(0);
    await expectAllBy(RULES, 700);
  });

  it('are looked at again a minute later, for what another server wrote by the old ones', async () => {
    await fill(siteId, 10);
    await change(RULES);
    await derive();
    for (const table of ['sessions', 'costs']) {
      await sql(`update ${table} set channel = 'Old' where site_id = $1`, [siteId]);
    }
    expect(await derive()).toBe(0);
    await sql(`update channel_derivations set derived_at = derived_at - interval '61 s'`);
    expect(await derive()).toBe(3);
    await expectAllBy(RULES, 10);
    expect(await sql('select from channel_derivations')).toEqual([]);
  });

  it('do not go over a decision that comes meanwhile', async () => {
    const call = await addCall(pool, { id: trackerId, site_id: siteId }, null, { source: 'partner' });
    await change(RULES);
    await store.deriveSome();
    const client = await pool.connect();
    try {
      await client.query('begin');
      await client.query(
        `update calls
        set source = 'bing',
          channel = 'Decided',
          updated_at = clock_timestamp()
        where id = $1`,
        [call.id],
      );
      const derived = store.deriveSome();
      await somebodyWaits();
      await client.query('commit');
      expect(await derived).toBe(true);
    } finally {
      client.release();
    }
    expect(await sql('select source, channel from calls where id = $1', [call.id])).toEqual([
      { source: 'bing', channel: 'Decided' },
    ]);
  });
});

it('a cost that is told while the rules change goes by the new ones', async () => {
  const costs = createCostStore(pool, storedChannel);
  const named = { date: '2026-10-31', source: 'Partner', medium: 'cpc', campaign: '', keyword: '' };
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query('update sites set channel_rules = $2 where id = $1', [siteId, JSON.stringify(RULES)]);
    const saved = costs.save({ id: siteId, currency: 'USD' }, [
      { ...named, cost: 1, clicks: null, impressions: null },
    ]);
    await somebodyWaits();
    await client.query('commit');
    await saved;
  } finally {
    client.release();
  }
  expect(await sql('select channel from costs where site_id = $1', [siteId])).toEqual([
    { channel: 'Partners' },
  ]);
});

it('costs that were told before they had channels get them', async () => {
  await fill(siteId, 20);
  await sql(
    `insert into channel_derivations (site_id, changed_at, step, after_at, after_id)
    values ($1, clock_timestamp(), 'costs', '-infinity', '00000000-0000-0000-0000-000000000000')`,
    [siteId],
  );
  expect(await isDerived()).toBe(false);
  expect(await derive()).toBe(1);
  expect(await isDerived()).toBe(true);
  const { costs = [] } = await stored(siteId);
  expect(costs.map(({ channel }) => channel)).toEqual(costs.map((cost) => storedChannel([], cost)));
});

it('what was stored before there were channels gets them', async () => {
  await fill(siteId, 20);
  await sql(
    `insert into channel_derivations (site_id, changed_at, step, after_at, after_id)
    select id, clock_timestamp(), 'sessions', '-infinity', '00000000-0000-0000-0000-000000000000'
    from sites
    where id = $1`,
    [siteId],
  );
  expect(await isDerived()).toBe(false);
  await derive();
  await expectAllBy([], 20);
});
