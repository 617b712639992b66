import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../../../server/lib/ids.js';
import { type Answer, type Api, api, type Loose } from '../../support/api.js';
import { startServer, type TestServer } from '../../support/server-process.js';
import { makeSite, type TestSite } from '../../support/site.js';
import { callBody, eventBody, rawBody } from './junk.js';
import { FIREFOX } from './page.js';
import { rowsOf } from './rows-of.js';

const RUNS = 800;

let server: TestServer;
let admin: Api;
let site: TestSite;
const visitors = Array.from({ length: 5 }, () => newId());
beforeAll(async () => {
  server = await startServer({ mode: 'redis' });
  admin = api(server.url, server.adminKey);
  site = await makeSite(admin, { numbers: 8 });
});
afterAll(() => server?.stop());

/** Refused with a reason, or taken. */
function expectSane(answer: Answer<Loose>): void {
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(500);
  if (answer.status < 400) return;
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(answer.body.code).toMatch(/^[a-z_]+$/);
}

/** What must be true of the rows, whatever was sent: each query finds the rows for which it is not. */
const WRONG = {
  'a visitor without session': `select id from visitors
    where session_id is not null and not exists (select from sessions where sessions.id = visitors.session_id)`,
  'a session without visitor': `select id from sessions
    where not exists (select from visitors where visitors.id = visitor_id and visitors.site_id = sessions.site_id)`,
  'a session that miscounts its views': `select id from sessions
    where page_view_count <> (select count(*) from page_views where session_id = sessions.id)
    and not exists (select from page_views where session_id <> sessions.id and visitor_id = sessions.visitor_id)`,
  'a session without the touch that began it': `select id from sessions
    where not exists (select from touches where session_id = sessions.id)`,
  'a view without session': `select id from page_views
    where not exists (select from sessions where sessions.id = session_id)`,
  'two live leases of a number': `select number from leases where ended_at is null group by number having count(*) > 1`,
  'a live lease that its number does not know': `select id from leases
    where ended_at is null and not exists (select from numbers where lease_id = leases.id)`,
  'a lease without session': `select id from leases where session_id is null`,
  'a call without events': `select id from calls where not exists (
      select from call_events where call_events.provider_call_id = calls.provider_call_id
        and call_events.provider = calls.provider and call_events.site_id = calls.site_id)`,
  'a call without decision': `select id from calls
    where not exists (select from attributions where attributions.call_id = calls.id)`,
  'a decision without call': `select id from attributions
    where not exists (select from calls where calls.id = attributions.call_id)`,
  'a start without call': `select id from call_events where type = 'start' and not exists (
      select from calls where calls.provider_call_id = call_events.provider_call_id
        and calls.provider = call_events.provider and calls.site_id = call_events.site_id)`,
  'a call of another age': `select id from calls
    where started_at < now() - interval '373 days' or started_at > now() + interval '2 minutes'`,
  'a control character': `select id from sessions where concat(
      source, medium, campaign, term, content, landing_page_url, referring_url) ~ '[\\x01-\\x1f]'`,
};

async function expectConsistent(): Promise<void> {
  for (const [name, query] of Object.entries(WRONG)) expect(await rowsOf(server, query), name).toEqual([]);
}

const send = (path: string, body: unknown, type = 'application/json') =>
  admin.post(path, body instanceof Uint8Array ? body : JSON.stringify(body), {
    'content-type': type,
    'user-agent': FIREFOX,
  });

test('events: whatever is sent is refused with a reason or leaves consistent rows', async () => {
  await fc.assert(
    fc.asyncProperty(eventBody(site, visitors), async (body) => {
      const answer = await send('/v1/events', body, 'text/plain');
      expectSane(answer);
      if (answer.status !== 200) return;
      for (const { target, number } of answer.body.swaps) {
        expect(target).toBe(site.target);
        expect(site.numbers).toContain(number);
      }
    }),
    { numRuns: RUNS },
  );
  const [row] = await rowsOf(server, 'select count(*)::int as views from page_views');
  expect(row.views).toBeGreaterThan(20);
  await expectConsistent();
}, 120_000);

test('calls: whatever is sent is refused with a reason or leaves consistent rows', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('start', 'end'), callBody(site.numbers), async (path, body) => {
      const answer = await send(`/v1/calls/${path}`, body);
      expectSane(answer);
      if (answer.status !== 200 || !answer.body.id) return;
      const call = await admin.get(`/v1/calls/${answer.body.id}`);
      expect(call.status).toBe(200);
    }),
    { numRuns: RUNS },
  );
  const [row] = await rowsOf(server, 'select count(*)::int as calls from calls');
  expect(row.calls).toBeGreaterThan(20);
  await expectConsistent();
}, 120_000);

test.each(['/v1/events', '/v1/calls/start', '/v1/calls/end', '/v1/sites', '/v1/trackers', '/v1/keys'])(
  'raw junk at %s is refused',
  async (path) => {
    const types = fc.constantFrom('application/json', 'text/plain', 'application/x-www-form-urlencoded');
    await fc.assert(
      fc.asyncProperty(rawBody, types, async (body, type) => {
        const answer = await send(path, body, type);
        expectSane(answer);
        expect(answer.status).toBeGreaterThanOrEqual(400);
      }),
      { numRuns: 60 },
    );
  },
  60_000,
);
