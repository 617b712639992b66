import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addCall, addForm, addSession, addSite, addTracker, at } from '../stores/postgres/reports/rows.js';
import { type ReportsApp, startReportsApp } from './reports-app.js';

const ANNE = '+13015550101';
const BEN = '+13015550102';
const CLEO = '+13015550103';
const DAN = '+13015550104';

let app: ReportsApp;
let site: string;
let elsewhere: string;

/** Five visits, seven calls (one of them spam) and two forms, over the night on which Berlin gains an hour. */
async function fill(): Promise<void> {
  const { pool } = app;
  const plumber = await addSite(pool, { time_zone: 'Europe/Berlin' });
  const other = await addSite(pool, { time_zone: 'America/New_York' });
  site = plumber.id;
  elsewhere = other.id;
  const tracker = await addTracker(pool, plumber);
  const flyer = await addTracker(pool, plumber, { type: 'source', source: 'flyer', medium: 'print' });
  const winter = { source: 'google', medium: 'cpc', campaign: 'winter' };

  const boiler = await addSession(pool, plumber, {
    ...winter,
    term: 'boiler repair',
    landing_page: 'https://plumber.example/boiler',
    started_at: at('2026-10-24T10:00:00Z'),
  });
  const leak = await addSession(pool, plumber, {
    ...winter,
    term: 'leak',
    device_type: 'desktop',
    started_at: at('2026-10-25T00:30:00Z'),
  });
  const organic = await addSession(pool, plumber, {
    source: 'google',
    medium: 'organic',
    device_type: 'desktop',
    started_at: at('2026-10-25T01:30:00Z'),
  });
  const direct = await addSession(pool, plumber, {
    source: '(direct)',
    medium: '(none)',
    started_at: at('2026-10-25T23:30:00Z'),
  });
  await addSession(pool, plumber, {
    source: 'facebook',
    medium: 'social',
    started_at: at('2026-10-26T12:00:00Z'),
  });

  await addCall(pool, tracker, boiler, {
    caller_number: ANNE,
    started_at: at('2026-10-24T10:02:00Z'),
    duration: 90,
    talk_time: 80,
    value: 100,
    tags: ['vip'],
  });
  await addCall(pool, tracker, boiler, {
    caller_number: ANNE,
    started_at: at('2026-10-25T00:40:00Z'),
    status: 'missed',
    duration: 12,
    talk_time: null,
    first_call: false,
    prior_calls: 1,
  });
  await addCall(pool, tracker, leak, {
    caller_number: BEN,
    confidence: 0.4,
    started_at: at('2026-10-25T00:50:00Z'),
    duration: 120,
    talk_time: null,
  });
  await addCall(pool, flyer, null, {
    caller_number: null,
    method: 'source',
    confidence: 1,
    source: 'flyer',
    medium: 'print',
    assignment: 'source',
    first_call: false,
    started_at: at('2026-10-25T01:40:00Z'),
    duration: 30,
    talk_time: 20,
  });
  await addCall(pool, tracker, null, {
    caller_number: CLEO,
    started_at: at('2026-10-25T22:59:00Z'),
    status: 'voicemail',
    duration: 40,
    talk_time: null,
    lead_status: 'not_a_lead',
  });
  await addCall(pool, tracker, organic, {
    caller_number: DAN,
    confidence: 0.7,
    started_at: at('2026-10-25T23:00:00Z'),
    status: 'in_progress',
    duration: null,
    talk_time: null,
  });
  await addCall(pool, tracker, boiler, { started_at: at('2026-10-25T10:00:00Z'), spam: true, value: 5 });

  // Dan wrote before he called; Anne's browser wrote without a number.
  await addForm(pool, plumber, direct, {
    phone: '+1 (301) 555-0104',
    created_at: at('2026-10-25T23:31:00Z'),
    value: 250,
  });
  // Advertising, that came by a form.
  await addForm(pool, plumber, direct, {
    phone: '+1 301 555 0109',
    created_at: at('2026-10-25T23:32:00Z'),
    lead_status: 'not_a_lead',
  });
  await addForm(pool, plumber, boiler, { phone: '555 0101', created_at: at('2026-10-24T10:01:00Z') });

  // The same night elsewhere, for all to see who may see it.
  const theirs = await addTracker(pool, other);
  const visit = await addSession(pool, other, { started_at: at('2026-10-25T01:00:00Z') });
  await addCall(pool, theirs, visit, { caller_number: ANNE, started_at: at('2026-10-25T01:01:00Z') });
}

beforeAll(async () => {
  app = await startReportsApp();
  await fill();
});
afterAll(() => app.close());

const PERIOD = 'start_date=2026-10-24&end_date=2026-10-26';
const ask = (path: string, query = '') => app.get(`${path}?site_id=${site}&${PERIOD}&${query}`);

/** Nobody has told what advertising cost. */
const UNSPENT = {
  cost: 0,
  clicks: 0,
  impressions: 0,
  cost_per_call: null,
  cost_per_qualified_call: null,
  cost_per_lead: null,
  roi: null,
};
const TOTAL = {
  ...UNSPENT,
  sessions: 5,
  calls: 6,
  unique_calls: 5,
  answered_calls: 3,
  missed_calls: 2,
  first_time_callers: 4,
  qualified_calls: 2,
  unknown_calls: 2,
  average_duration: 58.4,
  leads: 4,
  value: 350,
  unique_calls_share: 1,
  leads_share: 1,
};
const NOTHING = {
  ...UNSPENT,
  sessions: 0,
  calls: 0,
  unique_calls: 0,
  answered_calls: 0,
  missed_calls: 0,
  first_time_callers: 0,
  qualified_calls: 0,
  unknown_calls: 0,
  average_duration: null,
  leads: 0,
  value: 0,
  unique_calls_share: 0,
  leads_share: 0,
};

const rows = async (query: string, ...fields: string[]) => {
  const { body } = await ask('/v1/calls/summary', query);
  return body.grouped_results.map((row: Record<string, unknown>) => fields.map((field) => row[field]));
};

describe('the summary', () => {
  test('by source', async () => {
    const { status, body } = await ask('/v1/calls/summary', 'group_by=source');
    expect(status).toBe(200);
    expect(body).toEqual({
      start_date: '2026-10-24',
      end_date: '2026-10-26',
      time_zone: 'Europe/Berlin',
      attribution: 'last_touch',
      total_results: TOTAL,
      grouped_by: ['source'],
      total_groups: 5,
      grouped_results: [
        {
          ...NOTHING,
          source: 'google',
          sessions: 3,
          calls: 3,
          unique_calls: 2,
          answered_calls: 1,
          missed_calls: 1,
          first_time_callers: 2,
          qualified_calls: 1,
          average_duration: 51,
          leads: 2,
          value: 100,
          unique_calls_share: 0.4,
          // Dan called as one who came from a search, and wrote as a direct visitor: once in all.
          leads_share: 0.5,
        },
        {
          ...NOTHING,
          source: '(unknown)',
          calls: 2,
          unique_calls: 2,
          answered_calls: 1,
          missed_calls: 1,
          first_time_callers: 2,
          qualified_calls: 1,
          unknown_calls: 2,
          average_duration: 80,
          leads: 1,
          unique_calls_share: 0.4,
          leads_share: 0.25,
        },
        {
          ...NOTHING,
          source: 'flyer',
          calls: 1,
          unique_calls: 1,
          answered_calls: 1,
          average_duration: 30,
          leads: 1,
          unique_calls_share: 0.2,
          leads_share: 0.25,
        },
        { ...NOTHING, source: '(direct)', sessions: 1, leads: 1, value: 250, leads_share: 0.25 },
        { ...NOTHING, source: 'facebook', sessions: 1 },
      ],
    });
  });

  test('by several keys at once', async () => {
    expect(
      await rows(
        'group_by=source,medium&group_by=keyword',
        'source',
        'medium',
        'keyword',
        'sessions',
        'calls',
      ),
    ).toEqual([
      ['(unknown)', null, null, 0, 2],
      ['google', 'cpc', 'boiler repair', 1, 2],
      ['flyer', 'print', null, 0, 1],
      ['google', 'organic', null, 1, 1],
      ['(direct)', '(none)', null, 1, 0],
      ['facebook', 'social', null, 1, 0],
      ['google', 'cpc', 'leak', 1, 0],
    ]);
  });

  test('by day, the clocks being those of the site', async () => {
    expect(await rows('group_by=day', 'day', 'sessions', 'calls', 'leads')).toEqual([
      ['2026-10-25', 2, 4, 3],
      ['2026-10-24', 1, 1, 1],
      ['2026-10-26', 2, 1, 1],
    ]);
  });

  test('by landing page', async () => {
    expect(await rows('group_by=landing_page', 'landing_page', 'sessions', 'calls')).toEqual([
      [null, 0, 3],
      ['https://plumber.example/boiler', 1, 2],
      ['https://plumber.example/', 4, 1],
    ]);
  });

  test('groups by source where nobody says by what', async () => {
    const { body } = await ask('/v1/calls/summary');
    expect(body.grouped_by).toEqual(['source']);
  });

  test('credits by the confidence asked for', async () => {
    expect(await rows('min_confidence=0.4', 'source', 'calls')).toContainEqual(['google', 4]);
    expect(await rows('min_confidence=0.85', 'source', 'calls')).toEqual([
      ['(unknown)', 3],
      ['google', 2],
      ['flyer', 1],
      ['(direct)', 0],
      ['facebook', 0],
    ]);
    // The confidence of nobody is 0, and nobody is credited all the same.
    expect(await rows('min_confidence=0', 'source', 'calls')).toContainEqual(['(unknown)', 1]);
  });

  test.each([
    ['source=google', { sessions: 3, calls: 3, leads: 2 }],
    ['source=google&source=flyer', { sessions: 3, calls: 4 }],
    ['source=(unknown)', { sessions: 0, calls: 2 }],
    ['campaign=', { sessions: 3, calls: 4 }],
    ['keyword=leak', { sessions: 1, calls: 0 }],
    ['device=desktop', { sessions: 2, calls: 1 }],
    // What only calls have leaves the visits as they are, and the forms out.
    ['status=missed', { sessions: 5, calls: 2, missed_calls: 2, leads: 1, value: 0 }],
    ['status=voicemail', { calls: 1 }],
    ['status=in_progress,answered', { calls: 4 }],
    ['answered=false', { calls: 3 }],
    ['first_call=true', { calls: 4 }],
    ['lead_status=not_a_lead', { calls: 1, leads: 0 }],
    ['lead_status=not_scored', { calls: 5 }],
    ['min_duration=40&max_duration=90', { calls: 2 }],
    ['tags=vip&tags=other', { calls: 1, leads: 1 }],
    ['spam=true', { calls: 1, leads: 0, value: 5 }],
    ['spam=all', { calls: 7, value: 355, leads: 4 }],
    ['q=301-555-0101', { calls: 2 }],
    ['q=VIP', { calls: 1 }],
    ['q=%25', { calls: 0 }],
  ])('filtered by %s', async (query, expected) => {
    const { status, body } = await ask('/v1/calls/summary', query);
    expect(status).toBe(200);
    expect(body.total_results).toMatchObject(expected);
  });

  test('of a tracker', async () => {
    const { body } = await ask('/v1/calls');
    const flyer = body.calls.find((call: { source: string }) => call.source === 'flyer');
    const { body: summary } = await ask('/v1/calls/summary', `tracker_id=${flyer.tracker_id}`);
    expect(summary.total_results.calls).toBe(1);
  });

  test('of several sites is by UTC, or by the clocks asked for', async () => {
    const all = await app.get(`/v1/calls/summary?${PERIOD}`);
    expect(all.body).toMatchObject({
      time_zone: 'UTC',
      total_results: { calls: 7, sessions: 6, unique_calls: 6 },
    });
    const tokyo = await app.get(`/v1/calls/summary?${PERIOD}&time_zone=Asia/Tokyo`);
    expect(tokyo.body.time_zone).toBe('Asia/Tokyo');
  });

  test('as CSV', async () => {
    const { body, headers } = await ask('/v1/calls/summary', 'format=csv&group_by=source,day');
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(body.split('\r\n').slice(0, 3)).toEqual([
      'source,day,sessions,calls,unique_calls,answered_calls,missed_calls,first_time_callers,qualified_calls,unknown_calls,average_duration,leads,value,cost,clicks,impressions,cost_per_call,cost_per_qualified_call,cost_per_lead,roi,unique_calls_share,leads_share',
      '(unknown),2026-10-25,0,2,2,1,1,2,1,2,80,1,0,0,0,0,,,,,0.4,0.25',
      'flyer,2026-10-25,0,1,1,1,0,0,0,0,30,1,0,0,0,0,,,,,0.2,0.25',
    ]);
  });
});

describe('the groups', () => {
  test.each([
    ['device', ['mobile', 'desktop', null]],
    ['hour', [2, 12, 23, 0, 13]],
    ['weekday', [7, 6, 1]],
    ['referrer_domain,content', [null]],
  ])('by %s', async (keys, expected) => {
    const [key] = keys.split(',') as [string];
    const { body } = await ask('/v1/calls/summary', `group_by=${keys}`);
    const found = body.grouped_results.map((row: Record<string, unknown>) => row[key]);
    expect(new Set(found)).toEqual(new Set<unknown>(expected));
  });

  test('by site, tracker, channel and landing parameter', async () => {
    const { status, body } = await ask(
      '/v1/calls/summary',
      'group_by=site,tracker,channel,landing_param:matchtype',
    );
    expect(status).toBe(200);
    expect(body.grouped_by).toEqual(['site', 'tracker', 'channel', 'landing_param:matchtype']);
    for (const row of body.grouped_results) {
      expect(row).toMatchObject({ site, 'landing_param:matchtype': null });
      expect(row.tracker === null ? row.calls : row.sessions).toBe(0);
    }
  });

  test('come in the order asked for, as many as asked for', async () => {
    expect(await rows('sort=sessions&limit=2', 'source', 'sessions')).toEqual([
      ['google', 3],
      ['(direct)', 1],
    ]);
    expect(await rows('sort=source', 'source')).toEqual([
      ['(direct)'],
      ['(unknown)'],
      ['facebook'],
      ['flyer'],
      ['google'],
    ]);
    expect(await rows('sort=source&order=desc&limit=1', 'source')).toEqual([['google']]);
    expect(await rows('sort=average_duration&order=asc&limit=1', 'source', 'average_duration')).toEqual([
      ['flyer', 30],
    ]);
    const { body } = await ask('/v1/calls/summary', 'limit=1');
    expect(body).toMatchObject({ total_groups: 5, total_results: TOTAL });
    expect((await ask('/v1/calls/summary', 'sort=medium')).status).toBe(400);
    expect((await ask('/v1/calls/summary', 'group_by=colour')).status).toBe(400);
    expect((await ask('/v1/calls/summary', 'limit=0')).status).toBe(400);
  });

  test('beside those of as many days before', async () => {
    const { body } = await app.get(
      `/v1/calls/summary?site_id=${site}&start_date=2026-10-26&end_date=2026-10-27&compare=previous`,
    );
    expect(body.previous_period).toEqual({ start_date: '2026-10-24', end_date: '2026-10-25' });
    expect(body.total_results).toMatchObject({ calls: 1, sessions: 2, previous: { calls: 5, sessions: 3 } });
    expect(
      body.grouped_results.find(({ source }: { source: string }) => source === '(unknown)'),
    ).toMatchObject({
      calls: 0,
      previous: { calls: 2 },
    });
    const sum = body.grouped_results.reduce(
      (before: number, row: { previous: { calls: number } }) => before + row.previous.calls,
      0,
    );
    expect(sum).toBe(5);
    const series = await app.get(
      `/v1/calls/timeseries?site_id=${site}&start_date=2026-10-25&end_date=2026-10-26&compare=previous`,
    );
    expect(
      series.body.data.map((row: { key: string; calls: number; previous: { calls: number } }) => [
        row.key,
        row.calls,
        row.previous.calls,
      ]),
    ).toEqual([
      ['2026-10-25', 4, 0],
      ['2026-10-26', 1, 1],
    ]);
  });

  test('with each caller unique in so many days', async () => {
    const { body } = await ask('/v1/calls/summary', 'unique_days=1');
    const sum = body.grouped_results.reduce(
      (before: number, row: { unique_calls: number }) => before + row.unique_calls,
      0,
    );
    expect(sum).toBe(body.total_results.unique_calls);
    expect(body.total_results.unique_calls).toBeLessThanOrEqual(TOTAL.calls);
    expect(body.total_results.unique_calls).toBeGreaterThanOrEqual(TOTAL.unique_calls);
  });
});

describe('what advertising cost', () => {
  test('is set against the calls of the same day, source, medium, campaign and keyword', async () => {
    const cost = (day: string, names: (string | null)[], amount: number, clicks: number | null) =>
      app.pool.query(
        `insert into costs (
          site_id, day, source, medium, campaign, keyword, channel, cost, currency, clicks, impressions, updated_at
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8, 'USD', $9, null, now())`,
        [site, day, ...names, amount, clicks],
      );
    await cost('2026-10-24', ['google', 'cpc', 'winter', '', 'Paid Search'], 20, 10);
    await cost('2026-10-25', ['google', 'cpc', 'winter', 'leak', 'Paid Search'], 5.5, 3);
    await cost('2026-10-26', ['bing', 'cpc', '', '', null], 4.5, null);
    await cost('2026-10-23', ['google', 'cpc', 'winter', '', 'Paid Search'], 1_000, 1);
    const { body } = await ask('/v1/calls/summary', 'group_by=source');
    expect(body.total_results).toMatchObject({
      cost: 30,
      clicks: 13,
      cost_per_call: 5,
      cost_per_lead: 7.5,
      roi: 10.6667,
    });
    const of = (name: string) =>
      body.grouped_results.find(({ source }: { source: string }) => source === name);
    expect(of('google')).toMatchObject({
      cost: 25.5,
      cost_per_call: 8.5,
      cost_per_qualified_call: 25.5,
      clicks: 13,
    });
    expect(of('bing')).toMatchObject({ cost: 4.5, calls: 0, sessions: 0, cost_per_call: null, roi: -1 });
    expect(await rows('group_by=campaign,day', 'campaign', 'day', 'cost')).toContainEqual([
      'winter',
      '2026-10-25',
      5.5,
    ]);
    expect(await rows('source=google&group_by=keyword', 'keyword', 'cost')).toContainEqual(['leak', 5.5]);
    const byChannel = await ask('/v1/calls/summary', 'group_by=channel&sort=cost');
    expect(byChannel.body.total_results).toMatchObject({ calls: 6, cost: 30, roi: 10.6667 });
    expect(byChannel.body.grouped_results).toMatchObject([
      { channel: 'Paid Search', calls: 3, cost: 25.5, clicks: 13, cost_per_call: 8.5, roi: 12.7255 },
      // Not derived yet; of calls those of the flyer and of nobody.
      { channel: null, calls: 3, cost: 4.5, cost_per_call: 1.5, roi: -1 },
    ]);
    expect((await ask('/v1/calls/summary', 'channel=Paid%20Search')).body.total_results).toMatchObject({
      calls: 3,
      cost: 25.5,
      cost_per_call: 8.5,
    });
    // By what costs are not told: only in all.
    const byDevice = await ask('/v1/calls/summary', 'group_by=device');
    expect(byDevice.body.total_results.cost).toBe(30);
    for (const row of byDevice.body.grouped_results) expect(row.cost).toBeNull();
    expect((await ask('/v1/calls/summary', 'device=mobile')).body.total_results.cost).toBeNull();
    const series = await ask('/v1/calls/timeseries', 'interval=month');
    expect(series.body.data[0].cost).toBe(30);
    await app.pool.query('delete from costs where site_id = $1', [site]);
  });
});

describe('the time series', () => {
  test('by day has a row for every day', async () => {
    const { body } = await app.get(
      `/v1/calls/timeseries?site_id=${site}&start_date=2026-10-23&end_date=2026-10-26`,
    );
    expect(body).toMatchObject({
      start_date: '2026-10-23',
      end_date: '2026-10-26',
      time_zone: 'Europe/Berlin',
      interval: 'day',
      total_results: TOTAL,
    });
    expect(body.data[0]).toEqual({ key: '2026-10-23', ...NOTHING });
    expect(body.data.map(({ key, calls }: { key: string; calls: number }) => [key, calls])).toEqual([
      ['2026-10-23', 0],
      ['2026-10-24', 1],
      ['2026-10-25', 4],
      ['2026-10-26', 1],
    ]);
  });

  test('by hour tells the repeated one apart', async () => {
    const { body } = await ask('/v1/calls/timeseries', 'interval=hour');
    expect(body.data).toHaveLength(24 + 25 + 24);
    const counted = body.data.filter(({ calls }: { calls: number }) => calls > 0);
    expect(counted.map(({ key, calls }: { key: string; calls: number }) => [key, calls])).toEqual([
      ['2026-10-24T12:00:00+02:00', 1],
      ['2026-10-25T02:00:00+02:00', 2],
      ['2026-10-25T02:00:00+01:00', 1],
      ['2026-10-25T23:00:00+01:00', 1],
      ['2026-10-26T00:00:00+01:00', 1],
    ]);
  });

  test.each([
    [
      'week',
      [
        ['2026-W43', 5],
        ['2026-W44', 1],
      ],
    ],
    ['month', [['2026-10', 6]]],
  ])('by %s', async (interval, expected) => {
    const { body } = await ask('/v1/calls/timeseries', `interval=${interval}`);
    expect(body.data.map(({ key, calls }: { key: string; calls: number }) => [key, calls])).toEqual(expected);
  });

  test('of date-times is half-open', async () => {
    const between = 'start_date=2026-10-25T00:40:00Z&end_date=2026-10-25T00:50:00Z';
    const { body } = await app.get(`/v1/calls/timeseries?site_id=${site}&${between}`);
    expect(body.total_results.calls).toBe(1);
    expect(body.start_date).toBe('2026-10-25T00:40:00.000Z');
  });

  test('as CSV', async () => {
    const { body } = await app.get(`/v1/calls/timeseries?site_id=${site}&${PERIOD}`, { accept: 'text/csv' });
    expect(body.split('\r\n')[1]).toBe('2026-10-24,1,1,1,1,0,1,1,0,90,1,100,0,0,0,,,,,0.2,0.25');
  });
});

describe('a key that is bound to a site', () => {
  test('sees that site only, by its clocks', async () => {
    const { body } = await app.get(`/v1/calls/summary?${PERIOD}`, { site: elsewhere });
    expect(body).toMatchObject({ time_zone: 'America/New_York', total_results: { calls: 1, sessions: 1 } });
  });

  test('finds no other site', async () => {
    for (const path of ['/v1/calls', '/v1/calls/summary', '/v1/calls/timeseries']) {
      const { status, body } = await app.get(`${path}?site_id=${site}`, { site: elsewhere });
      expect([status, body.code]).toEqual([404, 'not_found']);
    }
  });
});

describe('refused', () => {
  test.each([
    ['/v1/calls/summary', 'group_by=colour'],
    ['/v1/calls/summary', 'group_by=source,'],
    ['/v1/calls/summary', 'sources=google'],
    ['/v1/calls/summary', 'start_date=2026-02-30'],
    ['/v1/calls/summary', 'start_date=2026-10-02&end_date=2026-10-01'],
    ['/v1/calls/summary', 'start_date=2000-01-01'],
    ['/v1/calls/summary', 'time_zone=Mars/Olympus'],
    ['/v1/calls/summary', 'min_confidence=2'],
    ['/v1/calls/summary', 'status=rung'],
    ['/v1/calls/summary', 'answered=perhaps'],
    ['/v1/calls/summary', 'min_duration=-1'],
    ['/v1/calls/summary', 'tracker_id=1'],
    ['/v1/calls/summary', 'site_id=1'],
    ['/v1/calls/timeseries', 'interval=minute'],
    ['/v1/calls/timeseries', 'interval=hour&start_date=2026-01-01&end_date=2026-12-31'],
    ['/v1/calls', 'cursor=AAAA'],
    ['/v1/calls', 'per_page=0'],
    ['/v1/calls', 'per_page=1001'],
  ])('%s?%s', async (path, query) => {
    const { status, body } = await app.get(`${path}?${query}`);
    expect([status, body.code]).toEqual([400, 'invalid_request']);
  });

  test('a site that is not there', async () => {
    const { status, body } = await app.get('/v1/calls?site_id=01995b2e-0000-7000-8000-000000000000');
    expect([status, body.code]).toEqual([404, 'not_found']);
  });
});
