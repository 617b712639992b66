import type pg from 'pg';
import { newId } from '../../../../../server/lib/ids.js';

// Rows as the service writes them, with everything but what a test is about filled in.

type Fields = Record<string, unknown>;
type Row = Fields & { id: string };

async function insert<T extends Fields>(pool: pg.Pool, table: string, row: T): Promise<T> {
  const columns = Object.keys(row);
  const marks = columns.map((_, at) => `$${at + 1}`).join(', ');
  const values = Object.values(row).map((value) =>
    value !== null && typeof value === 'object' && !Array.isArray(value) && !(value instanceof Date)
      ? JSON.stringify(value)
      : value,
  );
  await pool.query(`insert into ${table} (${columns.join(', ')}) values (${marks})`, values);
  return row;
}

export const at = (text: string): Date => new Date(text);

export const addSite = (pool: pg.Pool, fields: Fields = {}): Promise<Row> => {
  const id = newId();
  return insert(pool, 'sites', {
    id,
    key: id,
    name: 'Plumber',
    time_zone: 'UTC',
    default_region: 'US',
    allowed_origins: [],
    min_confidence: 0.5,
    qualified_seconds: 60,
    excluded_addresses: [],
    excluded_hosts: [],
    providers: {},
    created_at: at('2020-01-01T00:00:00Z'),
    ...fields,
  });
};

export const addTracker = (pool: pg.Pool, site: Row, fields: Fields = {}): Promise<Row> =>
  insert(pool, 'trackers', {
    id: newId(),
    site_id: site.id,
    name: 'Pool',
    type: 'session',
    targets: [],
    destination: '+12125550199',
    match: {},
    priority: 0,
    reservation_seconds: 1800,
    min_reservation_seconds: 300,
    attribution_days: 30,
    pool_version: 1,
    created_at: at('2020-01-01T00:00:00Z'),
    ...fields,
  });

export const addSession = (pool: pg.Pool, site: Row, fields: Fields = {}): Promise<Row> => {
  const started = (fields.started_at as Date | undefined) ?? at('2026-10-01T09:00:00Z');
  return insert(pool, 'sessions', {
    id: newId(),
    site_id: site.id,
    visitor_id: newId(),
    started_at: started,
    last_seen_at: started,
    source: 'google',
    medium: 'cpc',
    campaign: null,
    term: null,
    content: null,
    channel: 'Paid Search',
    utm: {},
    click_ids: {},
    landing_page_url: 'https://plumber.example/',
    landing_page: 'https://plumber.example/',
    landing_params: {},
    referring_url: null,
    referrer_domain: null,
    device_type: 'mobile',
    page_view_count: 1,
    last_requested_url: 'https://plumber.example/',
    ids: {},
    ...fields,
  });
};

/** What a call copies of the session that its decision names. */
const copied = (session: Row | null): Fields =>
  session
    ? {
        visitor_id: session.visitor_id,
        session_id: session.id,
        source: session.source,
        medium: session.medium,
        campaign: session.campaign,
        keyword: session.term,
        content: session.content,
        channel: session.channel,
        landing_page: session.landing_page,
        device_type: session.device_type,
        seconds_to_call: 60,
        method: 'recency',
        confidence: 0.9,
      }
    : { method: 'unknown', confidence: 0 };

export const addCall = (
  pool: pg.Pool,
  tracker: Row,
  session: Row | null,
  fields: Fields = {},
): Promise<Row> => {
  const id = newId();
  const started = (fields.started_at as Date | string | undefined) ?? at('2026-10-01T10:00:00Z');
  return insert(pool, 'calls', {
    id,
    site_id: tracker.site_id,
    tracker_id: tracker.id,
    provider: 'api',
    provider_call_id: id,
    tracking_number: '+12025550101',
    business_number: '+12125550199',
    caller_number: '+13015550100',
    started_at: started,
    status: 'answered',
    duration: 90,
    talk_time: 80,
    first_call: true,
    prior_calls: 0,
    tags: [],
    spam: false,
    created_at: started,
    updated_at: started,
    ...copied(session),
    ...fields,
  });
};

export const addDecision = (pool: pg.Pool, call: Row, fields: Fields = {}): Promise<Row> => {
  const { candidates = [], reasons = [], ...rest } = fields;
  return insert(pool, 'attributions', {
    id: newId(),
    call_id: call.id,
    site_id: call.site_id,
    decided_at: call.started_at,
    rule_version: 1,
    method: call.method,
    confidence: call.confidence,
    visitor_id: call.visitor_id ?? null,
    session_id: call.session_id ?? null,
    lease_id: null,
    candidates: JSON.stringify(candidates),
    reasons: JSON.stringify(reasons),
    facts: {},
    ...rest,
  });
};

export const addPageView = (pool: pg.Pool, session: Row, viewedAt: Date, url: string): Promise<Row> =>
  insert(pool, 'page_views', {
    id: newId(),
    site_id: session.site_id,
    visitor_id: session.visitor_id,
    session_id: session.id,
    viewed_at: viewedAt,
    url,
  });

export const addTouch = (pool: pg.Pool, session: Row, touchedAt: Date, fields: Fields = {}): Promise<Row> =>
  insert(pool, 'touches', {
    id: newId(),
    site_id: session.site_id,
    visitor_id: session.visitor_id,
    session_id: session.id,
    touched_at: touchedAt,
    source: session.source,
    medium: session.medium,
    campaign: session.campaign,
    term: session.term,
    content: session.content,
    channel: session.channel,
    click_ids: {},
    landing_page_url: session.landing_page_url,
    referring_url: null,
    ...fields,
  });

/** A lease, of a number that is made for it. */
export async function addLease(pool: pg.Pool, tracker: Row, session: Row, fields: Fields): Promise<Row> {
  const number = fields.number ?? '+12025550101';
  await pool.query(
    `insert into numbers (number, site_id, tracker_id, created_at, last_seen_at, promised_until, reserved_until)
    values ($1, $2, $3, '2020-01-01', '-infinity', '-infinity', '-infinity')`,
    [number, tracker.site_id, tracker.id],
  );
  const leased = fields.leased_at;
  return insert(pool, 'leases', {
    id: newId(),
    site_id: tracker.site_id,
    tracker_id: tracker.id,
    number,
    visitor_id: session.visitor_id,
    session_id: session.id,
    assignment: 'exclusive',
    last_seen_at: leased,
    promised_until: leased,
    reserved_until: leased,
    ...fields,
  });
}

export const addForm = (pool: pg.Pool, site: Row, session: Row | null, fields: Fields = {}): Promise<Row> =>
  insert(pool, 'leads', {
    id: newId(),
    site_id: site.id,
    visitor_id: session?.visitor_id ?? null,
    session_id: session?.id ?? null,
    type: 'form',
    created_at: at('2026-10-01T09:30:00Z'),
    name: null,
    phone: null,
    email: null,
    fields: {},
    page_url: null,
    ...fields,
  });

export const addCost = (pool: pg.Pool, site: Row, fields: Fields): Promise<Fields> =>
  insert(pool, 'costs', {
    site_id: site.id,
    day: '2026-10-01',
    source: 'google',
    medium: 'cpc',
    campaign: '',
    keyword: '',
    channel: 'Paid Search',
    cost: 1,
    currency: 'USD',
    clicks: null,
    impressions: null,
    updated_at: at('2026-10-01T00:00:00Z'),
    ...fields,
  });
