import { beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../../server/lib/ids.js';
import { api } from '../../support/api.js';
import { openStream } from '../../support/event-source.js';
import type { TestServer } from '../../support/server-process.js';
import { sharedSecond, sharedServer } from '../../support/shared-server.js';
import { makeSite } from '../../support/site.js';
import { type Page, pageOf } from './page.js';
import { rowsOf } from './rows-of.js';

describe.each(['postgres', 'redis'] as const)('two servers on the same stores (%s)', (mode) => {
  let first: TestServer;
  let second: TestServer;
  beforeAll(async () => {
    first = await sharedServer(mode);
    second = await sharedSecond(mode);
  });
  const admin = () => api(first.url, first.adminKey);

  /** The same page, asked at the one server and the other in turn. */
  const pages = (site: Parameters<typeof pageOf>[1]): ((at: number) => Page) => {
    const both = [pageOf(first.url, site), pageOf(second.url, site)] as const;
    return (at) => both[at % 2] as Page;
  };

  test('20 simultaneous asks of one visitor get one number, one lease, one session', async () => {
    const site = await makeSite(admin(), { numbers: 25 });
    const page = pages(site);
    const visitor = newId();
    const replies = await Promise.all(Array.from({ length: 20 }, (_, at) => page(at).view({ visitor })));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(replies.map(({ body }) => body.swaps[0]?.number)).size).toBe(1);
    const [row] = await rowsOf(
      first,
      `select
        (select count(*)::int from leases where visitor_id = $1) as leases,
        (select count(*)::int from sessions where visitor_id = $1) as sessions,
        (select page_view_count from sessions where visitor_id = $1) as views`,
      [visitor],
    );
    expect(row).toEqual({ leases: 1, sessions: 1, views: 20 });
  });

  test('200 visitors over 100 numbers: each number once', async () => {
    const site = await makeSite(admin(), { numbers: 100 });
    const page = pages(site);
    const replies = await Promise.all(
      Array.from({ length: 200 }, (_, at) => page(at).view({ visitor: newId() })),
    );
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    const numbers = replies.flatMap(({ body }) => body.swaps.map((swap) => swap.number));
    expect(numbers).toHaveLength(100);
    expect(new Set(numbers).size).toBe(100);
    const [row] = await rowsOf(first, 'select count(*)::int as live from leases where tracker_id = $1', [
      site.tracker.id,
    ]);
    expect(row.live).toBe(100);
  });

  test('what one server stored the other knows: a call to the number names the visit', async () => {
    const site = await makeSite(admin());
    const { session, swaps } = (await pageOf(first.url, site).view()).body;
    const call = await api(second.url, second.adminKey).post('/v1/calls/start', {
      call_id: 'over-two',
      to: swaps[0]?.number,
      from: '+12125550123',
    });
    expect(call.body).toMatchObject({ session: { id: session }, attribution: { method: 'recency' } });
    const again = await admin().post('/v1/calls/start', {
      call_id: 'over-two',
      to: swaps[0]?.number,
      from: '+12125550123',
    });
    expect(again.body).toMatchObject({ id: call.body.id, duplicate: true });
  });

  test('the same call told to both at once is one call', async () => {
    const site = await makeSite(admin());
    const body = { call_id: 'at-once', to: site.numbers[0], from: '+12125550124' };
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, at) =>
        api(at % 2 ? second.url : first.url, first.adminKey).post('/v1/calls/start', body),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.filter(({ body }) => !body.duplicate)).toHaveLength(1);
  });

  test('who watches calls at the one is told of calls at the other, and goes on there', async () => {
    const site = await makeSite(admin());
    const headers = { authorization: `Bearer ${first.adminKey}` };
    const path = `/v1/calls/stream?site_id=${site.id}`;
    const watching = await openStream(second.url + path, headers);
    const call = { call_id: newId(), to: site.numbers[0], from: '+12125550123' };
    await admin().post('/v1/calls/start', call);
    const [started, attributed] = await watching.until(2);
    expect([started?.type, attributed?.type]).toEqual(['started', 'attributed']);
    expect(started?.data).toMatchObject({ call_id: call.call_id, status: 'in_progress' });
    watching.close();

    await api(second.url, second.adminKey).post('/v1/calls/end', {
      call_id: call.call_id,
      status: 'answered',
      duration: 9,
    });
    const again = await openStream(first.url + path, { ...headers, 'last-event-id': watching.lastId() });
    const ended = (await again.until(1)).at(-1);
    expect(ended).toMatchObject({ type: 'ended', data: { call_id: call.call_id, duration: 9 } });
    again.close();
  });

  test('a key made at the one is good at the other, and revoked at the one good at none', async () => {
    const made = (await admin().post('/v1/keys', { name: 'Reports', scopes: ['reports:read'] })).body;
    const ask = async () => (await api(second.url, made.key).get('/v1/calls')).status;
    expect(await ask()).toBe(200);
    expect((await admin().delete(`/v1/keys/${made.id}`)).status).toBe(204);
    await expect.poll(ask, { timeout: 25_000 }).toBe(401);
  });
});
