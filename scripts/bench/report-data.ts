import type { Pool } from '../../server/stores/postgres/pool.js';

/** Three years of visits and calls at many sites. */
export interface Sizes {
  sessions: number;
  calls: number;
  sites: number;
}

export const START = new Date('2023-12-01T00:00:00Z');
export const YEARS = 3;
/** The month with the most visits; the generated days end with it. */
export const BUSIEST = { from: new Date('2026-11-01T00:00:00Z'), until: new Date('2026-12-01T00:00:00Z') };

/** The largest has 30 %, the others by Zipf. */
const LARGEST = 0.3;

export const siteId = (n: number): string => `00000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;

/** Where each site begins on a scale from 0 to 1. */
function siteBounds(sites: number): number[] {
  const weights = Array.from({ length: sites - 1 }, (_, at) => 1 / (at + 2));
  const sum = weights.reduce((before, weight) => before + weight, 0);
  let bound = LARGEST;
  return weights.map((weight) => {
    const begin = bound;
    bound += ((1 - LARGEST) * weight) / sum;
    return begin;
  });
}

const PIECE = 500_000;

/**
 * Sessions in the order in which they began, of all sites mixed, as a service writes them; each tenth leads to a call. The
 * last month has twice as many. Made by the database, because a million rows a statement is quicker than sending them.
 */
export async function fill(pool: Pool, { sessions, calls, sites }: Sizes): Promise<void> {
  const client = await pool.connect();
  await client.query('set statement_timeout = 0');
  for (const table of ['sessions', 'calls']) {
    await client.query(`alter table ${table} disable trigger user`);
    await client.query(`alter table ${table} set (autovacuum_enabled = off)`);
  }
  await client.query(
    `insert into sites (
      id, key, name, time_zone, default_region, allowed_origins, min_confidence, qualified_seconds, excluded_addresses,
      excluded_hosts, providers, created_at
    )
    select ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'site' || n, 'Site ' || n, 'UTC', 'US', '{}', 0.5,
      60, '{}', '{}', '{}', now()
    from generate_series(1, $1::int) as n`,
    [sites],
  );
  await client.query('select setseed(0.5)');
  const months = YEARS * 12;
  for (let from = 0; from < sessions; from += PIECE) {
    await client.query(
      `insert into sessions (
        id, site_id, visitor_id, started_at, last_seen_at, source, medium, campaign, term, content, utm, click_ids,
        landing_page_url, landing_page, landing_params, device_type, page_view_count, last_requested_url, ids, channel
      )
      select
        ('00000000-0000-7000-a000-' || lpad(to_hex(n), 12, '0'))::uuid,
        ('00000000-0000-7000-8000-' || lpad(to_hex(1 + width_bucket(random(), $4::float8[])), 12, '0'))::uuid,
        ('00000000-0000-7000-b000-' || lpad(to_hex(n), 12, '0'))::uuid,
        clock.at, clock.at + interval '3 minutes', told.source, told.medium,
        case when told.medium = 'cpc' then 'campaign ' || told.bid % 40 end,
        case when told.channel = 'Paid Search' then 'keyword ' || told.bid end,
        null, '{}', '{}', 'https://shop.example/page/1?x=1', 'https://shop.example/page/1', '{}',
        (array['mobile', 'desktop', 'tablet'])[1 + (power(random(), 2) * 2.99)::int % 3], 3, 'https://shop.example/page/2', '{}',
        told.channel
      from generate_series($1::int, $2::int) as n
      cross join lateral (
        -- The last month counts twice.
        select $3::timestamptz + make_interval(secs => ${YEARS * 365.25 * 86_400} * least(
          (n::float8 / ${sessions}) * ${(months + 1) / months},
          ${(months - 1) / months} + (n::float8 / ${sessions} * ${(months + 1) / months} - ${(months - 1) / months}) / 2
        )) as at
      ) as clock
      cross join lateral (
        select
          (array['google', 'google', 'google', 'bing', 'facebook', '(direct)', '(direct)', 'newsletter', 'yandex'])[pick] as source,
          (array['cpc', 'organic', 'cpc', 'cpc', 'cpc', '(none)', '(none)', 'email', 'organic'])[pick] as medium,
          (array['Paid Search', 'Organic Search', 'Paid Search', 'Paid Search', 'Paid Social', 'Direct', 'Direct', 'Email',
            'Organic Search'])[pick] as channel,
          -- A keyword belongs to one campaign.
          (power(random(), 3) * 2000)::int as bid
        from (select 1 + (n::bigint * 7919 % 9)::int as pick) as picked
      ) as told`,
      [from, Math.min(from + PIECE, sessions) - 1, START, siteBounds(sites)],
    );
  }
  await client.query(
    `insert into calls (
      id, site_id, tracker_id, provider, provider_call_id, tracking_number, business_number, caller_number, started_at, ended_at,
      status, duration, talk_time, method, confidence, visitor_id, session_id, assignment, seconds_to_call, first_call,
      prior_calls, source, medium, campaign, keyword, landing_page, device_type, channel, value, tags, spam, created_at,
      updated_at
    )
    select
      ('00000000-0000-7000-c000-' || substr(id::text, 25))::uuid, site_id, site_id, 'api', 'c' || substr(id::text, 25),
      '+12025550100', '+12125550199', '+1' || (3000000000 + (random() * 600000)::bigint), started_at + interval '1 minute',
      started_at + interval '3 minutes', (array['answered', 'answered', 'answered', 'missed', 'voicemail'])[1 + (random() * 4.99)::int % 5],
      (random() * 300)::int, (random() * 200)::int, 'recency', case when random() < 0.15 then 0.3 else 0.9 end, visitor_id, id,
      'elastic', 60, random() < 0.6, 0, source, medium, campaign, term, landing_page, device_type, channel,
      case when random() < 0.1 then 100 end, '{}', random() < 0.02, started_at, started_at
    from sessions
    where ('x' || right(id::text, 7))::bit(28)::int % ${Math.round(sessions / calls)} = 0
    order by started_at`,
  );
  await client.query('vacuum (analyze) sessions, calls, sites');
  client.release();
}
