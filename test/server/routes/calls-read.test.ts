import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../../server/lib/ids.js';
import { keepTouches } from '../../../server/stores/postgres/call-touches.js';
import {
  addCall,
  addDecision,
  addLease,
  addPageView,
  addSession,
  addSite,
  addTouch,
  addTracker,
  at,
} from '../stores/postgres/reports/rows.js';
import { type ReportsApp, startReportsApp } from './reports-app.js';

type Row = Awaited<ReturnType<typeof addSite>>;

let app: ReportsApp;
let site: Row;
let other: Row;
let tracker: Row;
let session: Row;
let lease: Row;
let call: Row;
let unsure: Row;
let theirs: Row;

const PERIOD = 'start_date=2026-10-01&end_date=2026-10-01';
const reason = { code: 'recency', weight: 0.1, detail: 'last sign 5 s before' };

beforeAll(async () => {
  app = await startReportsApp();
  const { pool } = app;
  site = await addSite(pool);
  other = await addSite(pool);
  tracker = await addTracker(pool, site);
  session = await addSession(pool, site, {
    started_at: at('2026-10-01T09:59:00Z'),
    last_seen_at: at('2026-10-01T10:20:00Z'),
    campaign: 'winter',
    term: 'boiler repair',
    content: 'ad 1',
    utm: { source: 'google', medium: 'cpc', campaign: 'winter', term: 'boiler repair', content: 'ad 1' },
    click_ids: { gclid: 'Abc-1' },
    landing_page_url: 'https://plumber.example/?matchtype=e',
    landing_params: { matchtype: 'e' },
    referring_url: 'https://www.google.com/',
    last_requested_url: 'https://plumber.example/after',
  });
  lease = await addLease(pool, tracker, session, {
    leased_at: at('2026-10-01T09:59:00Z'),
    last_seen_at: at('2026-10-01T10:20:00Z'),
  });
  call = await addCall(pool, tracker, session, {
    started_at: '2026-10-01T10:00:00.123456Z',
    provider_call_id: 'CA1',
    caller_name: 'ANNE',
    caller_city: 'Berlin',
    caller_state: 'BE',
    caller_country: 'DE',
    assignment: 'exclusive',
    lease_id: lease.id,
    recording_url: 'https://recordings.example/1',
  });
  await addDecision(pool, call, { method: 'unknown', confidence: 0, decided_at: at('2026-10-01T10:00:01Z') });
  await addDecision(pool, call, {
    decided_at: at('2026-10-01T10:00:02Z'),
    reasons: [reason],
    candidates: [
      {
        session_id: session.id,
        visitor_id: session.visitor_id,
        lease_id: lease.id,
        probability: 0.9,
        reasons: [reason],
      },
    ],
    facts: { leases: [] },
  });
  unsure = await addCall(pool, tracker, session, {
    started_at: at('2026-10-01T10:10:00Z'),
    confidence: 0.2,
    note: '=cmd()',
  });
  await addDecision(pool, unsure);

  // What the visitor did: two pages before the call and one after it, a visit of old and one outside the window.
  const before = await addSession(pool, site, {
    visitor_id: session.visitor_id,
    started_at: at('2026-09-20T08:00:00Z'),
  });
  const longBefore = await addSession(pool, site, {
    visitor_id: session.visitor_id,
    started_at: at('2026-08-01T08:00:00Z'),
  });
  await addPageView(pool, longBefore, at('2026-08-01T08:00:00Z'), 'https://plumber.example/long-before');
  await addPageView(pool, before, at('2026-09-20T08:00:00Z'), 'https://plumber.example/before');
  await addPageView(pool, session, at('2026-10-01T09:59:00Z'), 'https://plumber.example/?matchtype=e');
  await addPageView(pool, session, at('2026-10-01T09:59:30Z'), 'https://plumber.example/prices');
  await addPageView(pool, session, at('2026-10-01T10:20:00Z'), 'https://plumber.example/after');
  await addTouch(pool, longBefore, at('2026-08-01T08:00:00Z'));
  await addTouch(pool, session, at('2026-10-01T09:59:00Z'), { click_ids: { gclid: 'Abc-1' } });
  await addTouch(pool, session, at('2026-10-01T10:20:00Z'), { source: 'bing' });

  await keepTouches(pool, call.id);

  const theirTracker = await addTracker(pool, other);
  theirs = await addCall(pool, theirTracker, null, { started_at: at('2026-10-01T11:00:00Z') });
});
afterAll(() => app.close());

const EXPECTED = () => ({
  id: call.id,
  call_id: 'CA1',
  provider: 'api',
  site_id: site.id,
  tracker_id: tracker.id,
  start_time: '2026-10-01T10:00:00.123Z',
  duration: 90,
  talk_time: 80,
  status: 'answered',
  answered: true,
  voicemail: false,
  customer_phone_number: '+13015550100',
  customer_name: 'ANNE',
  customer_city: 'Berlin',
  customer_state: 'BE',
  customer_country: 'DE',
  tracking_phone_number: '+12025550101',
  business_phone_number: '+12125550199',
  source: 'google',
  medium: 'cpc',
  campaign: 'winter',
  keyword: 'boiler repair',
  content: 'ad 1',
  channel: 'Paid Search',
  utm_source: 'google',
  utm_medium: 'cpc',
  utm_campaign: 'winter',
  utm_term: 'boiler repair',
  utm_content: 'ad 1',
  gclid: 'Abc-1',
  fbclid: null,
  msclkid: null,
  yclid: null,
  landing_page_url: 'https://plumber.example/?matchtype=e',
  landing_params: { matchtype: 'e' },
  last_requested_url: 'https://plumber.example/prices',
  referring_url: 'https://www.google.com/',
  device_type: 'mobile',
  first_call: true,
  prior_calls: 0,
  seconds_to_call: 60,
  assignment: 'exclusive',
  lead_status: null,
  value: null,
  tags: [],
  note: null,
  spam: false,
  recording: 'https://recordings.example/1',
  visitor_id: session.visitor_id,
  session_id: session.id,
  lease_id: lease.id,
  attribution: {
    method: 'recency',
    confidence: 0.9,
    session_id: session.id,
    visitor_id: session.visitor_id,
    lease_id: null,
    candidates: [
      {
        session_id: session.id,
        visitor_id: session.visitor_id,
        lease_id: lease.id,
        probability: 0.9,
        reasons: [reason],
      },
    ],
    reasons: [reason],
    rule_version: 1,
    decided_at: '2026-10-01T10:00:02.000Z',
  },
});

describe('the list of calls', () => {
  test('has every field of the contract, and no others', async () => {
    const { status, body } = await app.get(`/v1/calls?site_id=${site.id}&${PERIOD}`);
    expect(status).toBe(200);
    expect(body.calls.map(({ id }: { id: string }) => id)).toEqual([unsure.id, call.id]);
    expect(body.calls[1]).toEqual(EXPECTED());
    expect(body.next_cursor).toBeNull();
  });

  test('tells nothing of a visit that a call is not credited to, but whom the decision names', async () => {
    const { body } = await app.get(`/v1/calls?site_id=${site.id}&${PERIOD}`);
    expect(body.calls[0]).toMatchObject({
      source: '(unknown)',
      medium: null,
      campaign: null,
      keyword: null,
      channel: null,
      utm_source: null,
      gclid: null,
      landing_page_url: null,
      landing_params: null,
      last_requested_url: null,
      device_type: null,
      seconds_to_call: null,
      session_id: session.id,
      attribution: { confidence: 0.2, session_id: session.id },
    });
    const { body: bold } = await app.get(`/v1/calls?site_id=${site.id}&${PERIOD}&min_confidence=0.1`);
    expect(bold.calls[0]).toMatchObject({ source: 'google', gclid: 'Abc-1' });
  });

  test('is narrowed by what the address said where the credited visit landed', async () => {
    const found = async (query: string) => {
      const { body } = await app.get(`/v1/calls?site_id=${site.id}&${PERIOD}&${query}`);
      return body.calls.map(({ id }: { id: string }) => id);
    };
    expect(await found('landing_param=matchtype:e')).toEqual([call.id]);
    expect(await found('landing_param=matchtype:')).toEqual([call.id]);
    expect(await found('landing_param=matchtype:p')).toEqual([]);
    expect(await found('landing_param=matchtype:p&landing_param=matchtype:e')).toEqual([call.id]);
    expect(await found('landing_param=matchtype:e&landing_param=adposition:')).toEqual([]);
    expect(await found('landing_param=matchtype:e&min_confidence=0.1')).toEqual([unsure.id, call.id]);
    expect(await found('content=ad%201&landing_page=https://plumber.example/')).toEqual([call.id]);
    expect(await found('referrer_domain=')).toEqual([unsure.id, call.id]);
    expect(await found('referrer_domain=google.com')).toEqual([]);
    for (const wrong of ['matchtype', ':e', '']) {
      const { status, body } = await app.get(`/v1/calls?${PERIOD}&landing_param=${wrong}`);
      expect([status, body.errors[0].path]).toEqual([400, 'landing_param.0']);
    }
  });

  test('is of one site for a key that is bound to it', async () => {
    const { body } = await app.get(`/v1/calls?${PERIOD}`, { site: other.id });
    expect(body.calls.map(({ id }: { id: string }) => id)).toEqual([theirs.id]);
    const all = await app.get(`/v1/calls?${PERIOD}`);
    expect(all.body.calls).toHaveLength(3);
  });

  test('comes in pages', async () => {
    const first = await app.get(`/v1/calls?${PERIOD}&per_page=2`);
    expect(first.body.calls.map(({ id }: { id: string }) => id)).toEqual([theirs.id, unsure.id]);
    const next = await app.get(`/v1/calls?${PERIOD}&per_page=2&cursor=${first.body.next_cursor}`);
    expect(next.body.calls.map(({ id }: { id: string }) => id)).toEqual([call.id]);
    expect(next.body.next_cursor).toBeNull();
  });

  test('as CSV', async () => {
    for (const ask of [{ accept: 'text/csv' }, {}]) {
      const { status, body, headers } = await app.get(
        `/v1/calls?site_id=${site.id}&${PERIOD}${ask.accept ? '' : '&format=csv&per_page=1'}`,
        ask,
      );
      expect(status).toBe(200);
      expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
      const [head, first, second, ...rest] = body.split('\r\n');
      expect(head.startsWith('id,call_id,provider,site_id,tracker_id,start_time,duration')).toBe(true);
      expect(head.endsWith('lease_id,attribution_method,attribution_confidence,attribution_reasons')).toBe(
        true,
      );
      expect(first).toContain(`,'=cmd(),`);
      expect(second).toContain(',+13015550100,ANNE,');
      expect(second).toContain(',"{""matchtype"":""e""}",');
      expect(second.endsWith(',recency,0.9,recency')).toBe(true);
      expect(rest).toEqual(['']);
    }
  });

  test('prefers JSON where it is asked for by name', async () => {
    const { body } = await app.get(`/v1/calls?${PERIOD}&format=json`, { accept: 'text/csv' });
    expect(body.calls).toHaveLength(3);
  });
});

describe('a call', () => {
  test('comes with its journey', async () => {
    const { status, body } = await app.get(`/v1/calls/${call.id}`);
    expect(status).toBe(200);
    expect(body).toMatchObject(EXPECTED());
    expect(body.session).toMatchObject({
      id: session.id,
      keyword: 'boiler repair',
      click_ids: { gclid: 'Abc-1' },
    });
    expect(body.page_views.map(({ url }: { url: string }) => new URL(url).pathname)).toEqual([
      '/before',
      '/',
      '/prices',
    ]);
    expect(body.touches).toMatchObject([
      {
        touched_at: '2026-08-01T08:00:00.000Z',
        first: true,
        last: false,
        last_not_direct: false,
        in_window: false,
      },
      {
        session_id: session.id,
        touched_at: '2026-10-01T09:59:00.000Z',
        source: 'google',
        channel: 'Paid Search',
        keyword: 'boiler repair',
        click_ids: { gclid: 'Abc-1' },
        first: false,
        last: true,
        last_not_direct: true,
        in_window: true,
      },
    ]);
    expect(body.lease).toMatchObject({ id: lease.id, assignment: 'exclusive', ended_at: null });
    expect(body.decisions).toMatchObject([
      { method: 'recency', confidence: 0.9, reasons: [reason], facts: { leases: [] } },
      { method: 'unknown', confidence: 0 },
    ]);
  });

  test('of nobody has no journey', async () => {
    const { body } = await app.get(`/v1/calls/${theirs.id}`);
    expect(body).toMatchObject({
      session: null,
      touches: [],
      page_views: [],
      lease: null,
      decisions: [],
      attribution: null,
    });
  });

  test('shows the session that its decision names, credited or not', async () => {
    const { body } = await app.get(`/v1/calls/${unsure.id}`);
    expect(body).toMatchObject({ source: '(unknown)', session: { id: session.id, source: 'google' } });
  });

  test('is found by its id in capitals', async () => {
    expect((await app.get(`/v1/calls/${call.id.toUpperCase()}`)).status).toBe(200);
  });

  test.each(['x', '1', '00000000-0000-0000-0000-000000000000', newId(), '%00', "'--"])(
    'is not there: %s',
    async (id) => {
      for (const path of ['calls', 'sessions']) {
        const { status, body } = await app.get(`/v1/${path}/${id}`);
        expect([status, body.code]).toEqual([404, 'not_found']);
      }
      expect((await app.patch(`/v1/calls/${id}`, {})).status).toBe(404);
    },
  );

  test('of another site is not there', async () => {
    for (const path of [`calls/${call.id}`, `sessions/${session.id}`]) {
      const { status, body } = await app.get(`/v1/${path}`, { site: other.id });
      expect([status, body.code]).toEqual([404, 'not_found']);
    }
    expect((await app.patch(`/v1/calls/${call.id}`, { note: 'x' }, { site: other.id })).status).toBe(404);
    expect((await app.get(`/v1/calls/${call.id}`)).body.note).toBeNull();
  });
});

describe('a session', () => {
  test('comes with what belongs to it', async () => {
    const { status, body } = await app.get(`/v1/sessions/${session.id}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: session.id,
      site_id: site.id,
      visitor_id: session.visitor_id,
      source: 'google',
      channel: 'Paid Search',
      keyword: 'boiler repair',
      utm_term: 'boiler repair',
      click_ids: { gclid: 'Abc-1' },
      landing_params: { matchtype: 'e' },
      referring_url: 'https://www.google.com/',
      device_type: 'mobile',
      last_requested_url: 'https://plumber.example/after',
    });
    expect(body.page_views).toHaveLength(3);
    expect(body.touches.map(({ source }: { source: string }) => source)).toEqual(['google', 'bing']);
    expect(body.leases.map(({ id }: { id: string }) => id)).toEqual([lease.id]);
    expect(body.calls.map(({ id }: { id: string }) => id)).toEqual([unsure.id, call.id]);
  });
});

describe('a change of a call', () => {
  let changed: Row;
  beforeAll(async () => {
    changed = await addCall(app.pool, tracker, session, {
      started_at: at('2026-10-02T10:00:00Z'),
      caller_name: 'ANNE',
    });
  });
  const patch = (body: unknown) => app.patch(`/v1/calls/${changed.id}`, body);

  test('writes what it names, leaves the rest, and clears by null', async () => {
    const all = {
      tags: ['vip', 'boiler', 'vip'],
      note: 'Rang twice.\r\n  Wants a boiler. ',
      value: 99.999,
      lead_status: 'good_lead',
      customer_name: 'Anne B.',
      spam: true,
    };
    const written = await patch(all);
    expect(written.status).toBe(200);
    expect(written.body).toMatchObject({
      id: changed.id,
      tags: ['vip', 'boiler'],
      note: 'Rang twice.\nWants a boiler.',
      value: 100,
      lead_status: 'good_lead',
      customer_name: 'Anne B.',
      spam: true,
      source: 'google',
    });

    expect((await patch({})).body).toEqual(written.body);
    const part = await patch({ append_tags: ['boiler', 'late'], spam: false });
    expect(part.body).toEqual({ ...written.body, tags: ['vip', 'boiler', 'late'], spam: false });
    const cleared = await patch({
      tags: null,
      append_tags: null,
      note: null,
      value: null,
      lead_status: null,
      customer_name: null,
      spam: null,
    });
    expect(cleared.body).toMatchObject({
      tags: [],
      note: null,
      value: null,
      lead_status: null,
      customer_name: 'ANNE',
      spam: false,
    });
  });

  test('replaces the tags before it appends some', async () => {
    expect((await patch({ tags: ['a'], append_tags: ['b', 'a'] })).body.tags).toEqual(['a', 'b']);
    expect((await patch({ tags: [] })).body.tags).toEqual([]);
  });

  test('loses none of the tags that are appended at once', async () => {
    const tags = Array.from({ length: 10 }, (_, index) => `tag ${index}`);
    await Promise.all(tags.map((tag) => patch({ append_tags: [tag] })));
    const { body } = await patch({});
    expect([...body.tags].sort()).toEqual(tags);
  });

  test('makes text storable', async () => {
    const { status, body } = await patch({ tags: ['a\u0000b\ud800'], note: '\u0000', customer_name: '  ' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ tags: ['ab\ufffd'], note: null, customer_name: 'ANNE' });
  });

  test.each([
    [{ lead_status: 'great' }],
    [{ tags: 'vip' }],
    [{ tags: [''] }],
    [{ tags: ['x'.repeat(65)] }],
    [{ tags: Array.from({ length: 101 }, (_, index) => `${index}`) }],
    [{ note: 'x'.repeat(4_001) }],
    [{ value: '12' }],
    [{ value: 1e12 }],
    [{ spam: 'yes' }],
    [{ colour: 'red' }],
    [[]],
  ])('is refused: %j', async (body) => {
    const { status, body: problem } = await patch(body);
    expect([status, problem.code]).toEqual([400, 'invalid_request']);
  });

  test('does not pile up more than a hundred tags', async () => {
    const tags = Array.from({ length: 100 }, (_, index) => `${index}`);
    expect((await patch({ tags })).status).toBe(200);
    const { status, body } = await patch({ append_tags: ['one more'] });
    expect([status, body.code]).toEqual([400, 'invalid_request']);
    expect((await patch({ append_tags: ['7'] })).status).toBe(200);
  });
});

describe('tags of many calls', () => {
  let first: Row;
  let second: Row;
  beforeAll(async () => {
    first = await addCall(app.pool, tracker, session, {
      tags: ['old', 'vip'],
      started_at: at('2026-10-03T10:00:00Z'),
    });
    second = await addCall(app.pool, tracker, null, { started_at: at('2026-10-03T11:00:00Z') });
  });
  const tags = (body: unknown, ask?: { site?: string }) => app.post('/v1/calls/tags', body, ask);

  test('are taken off, then put on, in the order asked for', async () => {
    const nobody = newId();
    const ids = [second.id, nobody, first.id.toUpperCase(), second.id];
    const { status, body } = await tags({ ids, add: ['vip', 'late', 'late'], remove: ['old', 'none'] });
    expect(status).toBe(200);
    expect(body).toEqual({
      results: [
        { id: second.id, result: 'ok', tags: ['vip', 'late'] },
        { id: nobody, result: 'not_found', tags: null },
        { id: first.id, result: 'ok', tags: ['vip', 'late'] },
      ],
    });
    expect((await app.get(`/v1/calls/${first.id}`)).body.tags).toEqual(['vip', 'late']);
    const again = await tags({ ids: [first.id], remove: ['vip', 'late'], add: ['vip'] });
    expect(again.body.results).toEqual([{ id: first.id, result: 'ok', tags: ['vip'] }]);
  });

  test("of another site's calls there are none", async () => {
    const before = (await app.get(`/v1/calls/${first.id}`)).body.tags;
    const { body } = await tags({ ids: [first.id, theirs.id], add: ['theirs'] }, { site: other.id });
    expect(body.results).toEqual([
      { id: first.id, result: 'not_found', tags: null },
      { id: theirs.id, result: 'ok', tags: ['theirs'] },
    ]);
    expect((await app.get(`/v1/calls/${first.id}`)).body.tags).toEqual(before);
  });

  test('do not pile up: a call with a hundred stays as it is, and the others are changed', async () => {
    const full = Array.from({ length: 100 }, (_, index) => `${index}`);
    await app.patch(`/v1/calls/${first.id}`, { tags: full });
    const { body } = await tags({ ids: [first.id, second.id], add: ['one more'] });
    expect(body.results).toMatchObject([
      { result: 'too_many_tags', tags: full },
      { result: 'ok', tags: expect.arrayContaining(['one more']) },
    ]);
    const swapped = await tags({ ids: [first.id], add: ['one more'], remove: ['0'] });
    expect(swapped.body.results[0].tags).toEqual([...full.slice(1), 'one more']);
  });

  test('changed by several at once are all there', async () => {
    await app.patch(`/v1/calls/${first.id}`, { tags: [] });
    await app.patch(`/v1/calls/${second.id}`, { tags: [] });
    const added = Array.from({ length: 10 }, (_, index) => `tag ${index}`);
    await Promise.all(
      added.map((tag, index) =>
        tags({ ids: index % 2 ? [first.id, second.id] : [second.id, first.id], add: [tag] }),
      ),
    );
    for (const { id } of [first, second]) {
      const { body } = await app.get(`/v1/calls/${id}`);
      expect([...body.tags].sort()).toEqual(added);
    }
  });

  test.each([
    [{ ids: [] as string[], add: ['a'] }],
    [{ ids: Array.from({ length: 501 }, () => newId()), add: ['a'] }],
    [{ ids: ['x'], add: ['a'] }],
    [{ ids: [newId()] }],
    [{ ids: [newId()], add: [] }],
    [{ ids: [newId()], add: [''] }],
    [{ ids: [newId()], add: null }],
    [{ ids: [newId()], add: ['a'], tags: ['a'] }],
    [{ add: ['a'] }],
  ])('are refused: %j', async (body) => {
    const { status, body: problem } = await tags(body);
    expect([status, problem.code]).toEqual([400, 'invalid_request']);
  });
});
