import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../../server/lib/ids.js';
import type { Loose } from '../../support/api.js';
import { addForm, addSession, addSite, at } from '../stores/postgres/reports/rows.js';
import { type ReportsApp, startReportsApp } from './reports-app.js';

type Row = Awaited<ReturnType<typeof addSite>>;

let app: ReportsApp;
let site: Row;
let other: Row;
let session: Row;
let form: Row;
let chat: Row;
let theirs: Row;

const PERIOD = 'start_date=2026-10-01&end_date=2026-10-01';

beforeAll(async () => {
  app = await startReportsApp();
  const { pool } = app;
  site = await addSite(pool, { time_zone: 'America/New_York' });
  other = await addSite(pool);
  session = await addSession(pool, site, { campaign: 'winter' });
  // The first and the last moment of a day in New York.
  form = await addForm(pool, site, session, {
    created_at: '2026-10-01T04:00:00.123456Z',
    name: 'Anne',
    phone: '(202) 555-0199',
    email: 'anne@customer.example',
    fields: { message: '=cmd()' },
    page_url: 'https://plumber.example/contact',
  });
  chat = await addForm(pool, site, null, { type: 'chat', created_at: '2026-10-02T03:59:59.999999Z' });
  await addForm(pool, site, session, { created_at: at('2026-10-01T03:59:59Z') });
  await addForm(pool, site, session, { created_at: at('2026-10-02T04:00:00Z') });
  theirs = await addForm(pool, other, null, { created_at: at('2026-10-01T12:00:00Z') });
});
afterAll(() => app.close());

const EXPECTED = () => ({
  id: form.id,
  site_id: site.id,
  type: 'form',
  created_at: '2026-10-01T04:00:00.123Z',
  name: 'Anne',
  phone: '(202) 555-0199',
  email: 'anne@customer.example',
  fields: { message: '=cmd()' },
  page_url: 'https://plumber.example/contact',
  visitor_id: session.visitor_id,
  session_id: session.id,
  source: 'google',
  medium: 'cpc',
  campaign: 'winter',
  value: null,
  lead_status: null,
});

const idsOf = async (query: string, ask?: { site?: string }): Promise<string[]> =>
  (await app.get(`/v1/leads?${query}`, ask)).body.leads.map(({ id }: Loose) => id);

describe('the list of leads', () => {
  test("has every field of a lead, newest first, by the days of the site's zone", async () => {
    const { status, body } = await app.get(`/v1/leads?site_id=${site.id}&${PERIOD}`);
    expect(status).toBe(200);
    expect(body).toEqual({
      leads: [
        {
          ...EXPECTED(),
          id: chat.id,
          type: 'chat',
          created_at: '2026-10-02T03:59:59.999Z',
          name: null,
          phone: null,
          email: null,
          fields: {},
          page_url: null,
          visitor_id: null,
          session_id: null,
          source: '(unknown)',
          medium: null,
          campaign: null,
        },
        EXPECTED(),
      ],
      next_cursor: null,
    });
  });

  test('tells nothing of a session of another site', async () => {
    const odd = await addForm(app.pool, other, session, { created_at: at('2026-09-01T12:00:00Z') });
    expect((await app.get(`/v1/leads/${odd.id}`)).body).toMatchObject({
      source: '(unknown)',
      medium: null,
      campaign: null,
    });
  });

  test('is narrowed by site, type and time', async () => {
    expect(await idsOf(`site_id=${site.id}&${PERIOD}&type=form`)).toEqual([form.id]);
    expect(await idsOf(`site_id=${site.id}&${PERIOD}&type=chat,callback`)).toEqual([chat.id]);
    expect(await idsOf(`site_id=${site.id}&${PERIOD}&type=chat&type=form`)).toEqual([chat.id, form.id]);
    expect(await idsOf(`site_id=${site.id}&${PERIOD}&type=callback`)).toEqual([]);
    // Of several sites days are those of UTC, and date-times are half-open.
    expect(await idsOf(`${PERIOD}&type=form`)).toContain(theirs.id);
    expect(await idsOf(PERIOD)).not.toContain(chat.id);
    expect(await idsOf(`${PERIOD}&time_zone=America/New_York`)).toEqual([chat.id, theirs.id, form.id]);
    const until = 'start_date=2026-10-01T04:00:00Z&end_date=2026-10-01T12:00:00Z';
    expect(await idsOf(until)).toEqual([form.id]);
  });

  test.each([
    'type=call',
    'start_date=tomorrow',
    'source=google',
    'per_page=0',
    'cursor=x',
    'time_zone=Mars',
  ])('refuses %s', async (query) => {
    const { status, body } = await app.get(`/v1/leads?${query}`);
    expect([status, body.code]).toEqual([400, 'invalid_request']);
  });

  test('is of one site for a key that is bound to it', async () => {
    expect(await idsOf(PERIOD, { site: other.id })).toEqual([theirs.id]);
    const { status, body } = await app.get(`/v1/leads?site_id=${site.id}`, { site: other.id });
    expect([status, body.code]).toEqual([404, 'not_found']);
    expect((await app.get(`/v1/leads?site_id=${newId()}`)).status).toBe(404);
  });

  test('comes in pages, each lead once, of leads of one moment too, while new ones come in', async () => {
    const busy = await addSite(app.pool);
    // This index has them in that order by itself, asked for or not.
    await app.pool.query('drop index leads_by_time');
    // Ids of any order, as those of servers whose clocks differ.
    const add = (created_at: string, first: string) =>
      addForm(app.pool, busy, null, { created_at, id: `${first}${newId().slice(1)}` });
    const times = ['000001', '000001', '000002', '000002', '000002', '000999', '001000'];
    const made: Row[] = [];
    for (const [turn, time] of times.entries())
      made.push(await add(`2026-10-01T12:00:00.${time}Z`, 'f07'.charAt(turn % 3)));
    const newestFirst = made
      .map(({ created_at, id }) => `${created_at} ${id}`)
      .sort()
      .reverse()
      .map((row) => row.split(' ')[1]);
    const seen: string[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await app.get(`/v1/leads?site_id=${busy.id}&${PERIOD}&per_page=2${cursor}`);
      seen.push(...body.leads.map(({ id }: Loose) => id));
      if (body.next_cursor === null) break;
      cursor = `&cursor=${body.next_cursor}`;
      await add('2026-10-01T13:00:00Z', '0');
    }
    expect(seen).toEqual(newestFirst);
  });

  test('as CSV has all of them, and no cell that a spreadsheet would run', async () => {
    for (const ask of [{ accept: 'text/csv' }, {}]) {
      const { status, body, headers } = await app.get(
        `/v1/leads?site_id=${site.id}&${PERIOD}${ask.accept ? '' : '&format=csv&per_page=1'}`,
        ask,
      );
      expect(status).toBe(200);
      expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
      expect(headers.get('content-disposition')).toContain('leads.csv');
      const [head, first, second, ...rest] = body.split('\r\n');
      expect(head).toBe(Object.keys(EXPECTED()).join(','));
      expect(first).toBe(`${chat.id},${site.id},chat,2026-10-02T03:59:59.999Z,,,,{},,,,(unknown),,,,`);
      expect(second).toContain(',Anne,(202) 555-0199,anne@customer.example,"{""message"":""=cmd()""}",');
      expect(rest).toEqual(['']);
    }
    const named = await addForm(app.pool, site, null, {
      created_at: at('2026-08-01T12:00:00Z'),
      name: '=1+1',
    });
    const { body } = await app.get('/v1/leads?start_date=2026-08-01&end_date=2026-08-01&format=csv');
    expect(body).toContain(`${named.id},${site.id},form,2026-08-01T12:00:00.000Z,'=1+1,`);
  });
});

describe('a lead', () => {
  test('is found by its id, in capitals too', async () => {
    expect((await app.get(`/v1/leads/${form.id}`)).body).toEqual(EXPECTED());
    expect((await app.get(`/v1/leads/${form.id.toUpperCase()}`)).body).toEqual(EXPECTED());
  });

  test('of nobody or of another site is not there', async () => {
    for (const [id, ask] of [
      ['x', {}],
      [newId(), {}],
      [form.id, { site: other.id }],
    ] as const) {
      for (const answer of [
        await app.get(`/v1/leads/${id}`, ask),
        await app.patch(`/v1/leads/${id}`, { value: 1 }, ask),
      ])
        expect([answer.status, answer.body.code]).toEqual([404, 'not_found']);
    }
    expect((await app.get(`/v1/leads/${form.id}`)).body.value).toBeNull();
  });
});

describe('a change of a lead', () => {
  let changed: Row;
  beforeAll(async () => {
    changed = await addForm(app.pool, site, session, { created_at: at('2026-09-01T12:00:00Z') });
  });
  const patch = (body: unknown, ask?: { site?: string }) => app.patch(`/v1/leads/${changed.id}`, body, ask);

  test('writes what it names, leaves the rest, and clears by null', async () => {
    const before = (await app.get(`/v1/leads/${changed.id}`)).body;
    const written = await patch({ value: 99.999, lead_status: 'good_lead' });
    expect(written).toMatchObject({
      status: 200,
      body: { ...before, value: 100, lead_status: 'good_lead' },
    });
    expect((await patch({})).body).toEqual(written.body);
    expect((await patch({ value: -5.5 })).body).toEqual({ ...written.body, value: -5.5 });
    expect((await patch({ lead_status: 'not_a_lead' }, { site: site.id as string })).body).toEqual({
      ...written.body,
      value: -5.5,
      lead_status: 'not_a_lead',
    });
    expect((await patch({ lead_status: null })).body).toEqual({ ...before, value: -5.5 });
    expect((await patch({ value: null, lead_status: 'not_scored' })).body).toEqual({
      ...before,
      lead_status: 'not_scored',
    });
    expect((await app.get(`/v1/leads/${changed.id}`)).body.lead_status).toBe('not_scored');
    expect((await app.get(`/v1/leads/${form.id}`)).body).toEqual(EXPECTED());
  });

  test.each([
    [{ lead_status: 'great' }],
    [{ value: '12' }],
    [{ value: 1e12 }],
    [{ name: 'Anne' }],
    [{ tags: ['vip'] }],
    [[]],
  ])('is refused: %j', async (body) => {
    const { status, body: problem } = await patch(body);
    expect([status, problem.code]).toEqual([400, 'invalid_request']);
  });
});
