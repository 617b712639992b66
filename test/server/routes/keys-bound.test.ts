import { beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../../server/lib/ids.js';
import { type Api, api, type Loose } from '../../support/api.js';
import type { TestServer } from '../../support/server-process.js';
import { sharedServer } from '../../support/shared-server.js';
import { makeSite, type TestSite } from '../../support/site.js';
import { expectInvalid, expectProblem } from './expect-problem.js';
import { pageOf } from './page.js';

interface Owner {
  site: TestSite;
  /** Speaks with an admin key bound to the site. */
  api: Api;
  keyId: string;
  session: string;
  visitor: string;
  callId: string;
  leadId: string;
}

let server: TestServer;
let admin: Api;
let mine: Owner;
let theirs: Owner;
beforeAll(async () => {
  server = await sharedServer('redis');
  admin = api(server.url, server.adminKey);
  mine = await makeOwner();
  theirs = await makeOwner();
});

async function makeOwner(): Promise<Owner> {
  const site = await makeSite(admin);
  const key = await admin.post('/v1/keys', { name: 'Owner', scopes: ['admin'], site_id: site.id });
  const owner = api(server.url, key.body.key);
  const page = pageOf(server.url, site);
  const { visitor, session, swaps } = (await page.view()).body;
  await page.send({ type: 'lead', visitor, session, lead: { name: `Lead of ${site.id}` } });
  const lead = (await owner.get('/v1/leads')).body.leads[0];
  expect(lead).toMatchObject({ visitor_id: visitor, session_id: session });
  const call = await owner.post('/v1/calls/start', {
    call_id: 'the-same',
    to: swaps[0]?.number,
    from: '+12125550160',
  });
  expect(call.body).toMatchObject({ duplicate: false, session: { id: session } });
  return {
    site,
    api: owner,
    keyId: key.body.id,
    session: session as string,
    visitor: visitor as string,
    callId: call.body.id,
    leadId: lead.id,
  };
}

describe('a key bound to one site', () => {
  test('sees its own things, and nothing of the other in any list or report', async () => {
    const secrets = () => [
      theirs.site.id,
      theirs.site.key,
      theirs.session,
      theirs.visitor,
      theirs.callId,
      theirs.leadId,
      ...theirs.site.numbers,
    ];
    const lists = [
      '/v1/sites',
      '/v1/trackers',
      '/v1/numbers',
      '/v1/keys',
      '/v1/calls',
      '/v1/calls?format=csv',
      '/v1/numbers?format=csv',
      '/v1/calls?q=555',
      '/v1/leads',
      '/v1/leads?format=csv',
      '/v1/calls/summary?group_by=source,day',
      '/v1/calls/timeseries',
      `/v1/sites/${mine.site.id}`,
      `/v1/sites/${mine.site.id}/install`,
      `/v1/trackers/${mine.site.tracker.id}`,
      `/v1/trackers/${mine.site.tracker.id}/pool`,
      `/v1/keys/${mine.keyId}`,
      `/v1/numbers/${mine.site.numbers[0]}`,
      `/v1/calls/${mine.callId}`,
      `/v1/leads/${mine.leadId}`,
      `/v1/sessions/${mine.session}`,
    ];
    for (const path of lists) {
      const { status, body } = await mine.api.get(path);
      expect({ path, status }).toEqual({ path, status: 200 });
      for (const secret of secrets()) expect(JSON.stringify(body), path).not.toContain(secret);
    }
    const ids = async (path: string, name: string) =>
      (await mine.api.get(path)).body[name].map(({ id }: Loose) => id);
    expect(await ids('/v1/sites', 'sites')).toEqual([mine.site.id]);
    expect(await ids('/v1/numbers', 'numbers')).toEqual([...mine.site.numbers].sort());
    expect(await ids('/v1/keys', 'keys')).toEqual([mine.keyId]);
    expect(await ids('/v1/calls', 'calls')).toEqual([mine.callId]);
    expect(await ids('/v1/leads', 'leads')).toEqual([mine.leadId]);
    expect((await mine.api.get('/v1/calls/summary')).body).toMatchObject({
      total_results: { calls: 1, sessions: 1 },
    });
  });

  test("of another site's things there are none, to read, change or delete", async () => {
    const { site } = theirs;
    const { id, created_at, retired_at, ...tracker } = { ...site.tracker, numbers: [] } as Loose;
    const gone = (path: string) => [
      mine.api.get(path),
      mine.api.patch(path, { name: 'Mine now' }),
      mine.api.delete(path),
    ];
    const asked = [
      ...[`/v1/sites/${site.id}`, `/v1/trackers/${site.tracker.id}`, `/v1/keys/${theirs.keyId}`].flatMap(
        gone,
      ),
      mine.api.get(`/v1/numbers/${site.numbers[0]}`),
      mine.api.delete(`/v1/numbers/${site.numbers[0]}`),
      mine.api.patch(`/v1/numbers/${site.numbers[0]}`, { tracker_id: mine.site.tracker.id }),
      mine.api.patch(`/v1/numbers/${mine.site.numbers[0]}`, { tracker_id: site.tracker.id }),
      mine.api.post('/v1/numbers', { id: '+13035550199', tracker_id: site.tracker.id }),
      mine.api.post('/v1/trackers', tracker),
      mine.api.post('/v1/keys', { name: 'x', scopes: ['reports:read'], site_id: site.id }),
      mine.api.get(`/v1/sites/${site.id}/install`),
      mine.api.get(`/v1/trackers/${site.tracker.id}/pool`),
      mine.api.get(`/v1/trackers?site_id=${site.id}`),
      mine.api.get(`/v1/numbers?site_id=${site.id}`),
      mine.api.get(`/v1/calls?site_id=${site.id}`),
      mine.api.get(`/v1/calls/summary?site_id=${site.id}`),
      mine.api.get(`/v1/calls/timeseries?site_id=${site.id}`),
      mine.api.get(`/v1/calls/stream?site_id=${site.id}`),
      mine.api.get(`/v1/calls/${theirs.callId}`),
      mine.api.patch(`/v1/calls/${theirs.callId}`, { note: 'mine' }),
      mine.api.post(`/v1/calls/${theirs.callId}/code`, { code: '1234' }),
      mine.api.get(`/v1/sessions/${theirs.session}`),
      mine.api.get(`/v1/leads?site_id=${site.id}`),
      mine.api.get(`/v1/leads/${theirs.leadId}`),
      mine.api.patch(`/v1/leads/${theirs.leadId}`, { value: 1 }),
    ];
    for (const [at, answer] of (await Promise.all(asked)).entries()) {
      expect({ at, status: answer.status }).toEqual({ at, status: 404 });
      expectProblem(answer, 404, 'not_found');
    }
    expect((await theirs.api.get(`/v1/sites/${site.id}`)).body.name).toBe(site.site.name);
    expect((await theirs.api.get(`/v1/calls/${theirs.callId}`)).body.note).toBeNull();
    expect((await theirs.api.get(`/v1/leads/${theirs.leadId}`)).body.value).toBeNull();
  });

  test('makes neither sites nor keys beyond its site', async () => {
    expectProblem(await mine.api.post('/v1/sites', { name: 'Another' }), 403, 'forbidden');
    expectProblem(await mine.api.post('/v1/keys', { name: 'x', scopes: ['admin'] }), 403, 'forbidden');
    const nowhere = { name: 'x', scopes: ['reports:read'], site_id: null };
    expectProblem(await mine.api.post('/v1/keys', nowhere), 403, 'forbidden');
    const made = await mine.api.post('/v1/keys', { name: 'Ours', scopes: ['admin'], site_id: mine.site.id });
    expect(made).toMatchObject({ status: 201, body: { site_id: mine.site.id } });
    await mine.api.delete(`/v1/keys/${made.body.id}`);
    // The unbound keys are not there for it, so it cannot widen or revoke one.
    const { id } = (await admin.post('/v1/keys', { name: 'All', scopes: ['reports:read'] })).body;
    expectProblem(await mine.api.patch(`/v1/keys/${id}`, { scopes: ['admin'] }), 404, 'not_found');
    expectProblem(await mine.api.delete(`/v1/keys/${id}`), 404, 'not_found');
    expectInvalid(await mine.api.patch(`/v1/keys/${mine.keyId}`, { site_id: null }), 'site_id');
    expect((await mine.api.get(`/v1/keys/${mine.keyId}`)).body.site_id).toBe(mine.site.id);
  });

  test('names its own site by leaving it out', async () => {
    const made = await mine.api.post('/v1/trackers', {
      name: 'Flyer',
      type: 'source',
      source: 'flyer',
      numbers: ['+13035550198'],
      destination: '+12125550199',
    });
    expect(made).toMatchObject({ status: 201, body: { site_id: mine.site.id } });
    expect((await admin.get(`/v1/trackers/${made.body.id}`)).body.site_id).toBe(mine.site.id);
  });
});

describe('two sites whose providers use the same call id', () => {
  const tell = (owner: Owner, call_id: string, to?: string) => ({
    start: () => owner.api.post('/v1/calls/start', { call_id, to: to ?? owner.site.numbers[0] }),
    end: (duration: number) => owner.api.post('/v1/calls/end', { call_id, status: 'answered', duration }),
  });

  test('never see, change or end each other’s call, in whatever order', async () => {
    const call_id = newId();
    const [first, second] = [tell(mine, call_id), tell(theirs, call_id)];
    // Their end comes before both starts; it is nobody's but theirs.
    expect((await second.end(7)).body).toEqual({ id: null, call_id, status: 'answered' });
    const one = (await first.start()).body;
    expect(one.duplicate).toBe(false);
    expect((await mine.api.get(`/v1/calls/${one.id}`)).body).toMatchObject({
      status: 'in_progress',
      duration: null,
    });
    const two = (await second.start()).body;
    expect(two.id).not.toBe(one.id);
    expect((await theirs.api.get(`/v1/calls/${two.id}`)).body).toMatchObject({
      status: 'answered',
      duration: 7,
    });
    expect((await first.end(9)).body).toMatchObject({ id: one.id });
    expect((await mine.api.get(`/v1/calls/${one.id}`)).body).toMatchObject({ duration: 9 });
    expect((await theirs.api.get(`/v1/calls/${two.id}`)).body).toMatchObject({ duration: 7 });
  });

  test('and the other’s number is unknown', async () => {
    expectProblem(await tell(mine, newId(), theirs.site.numbers[0]).start(), 404, 'unknown_number');
  });
});
