import { beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../../server/lib/ids.js';
import { type Api, api } from '../../support/api.js';
import { type OpenStream, openStream } from '../../support/event-source.js';
import type { Mode, TestServer } from '../../support/server-process.js';
import { sharedServer } from '../../support/shared-server.js';
import { makeSite, type TestSite } from '../../support/site.js';
import { expectInvalid, expectProblem } from './expect-problem.js';
import { pageOf } from './page.js';

describe.each<Mode>(['embedded', 'postgres'])('the stream of calls (%s)', (mode) => {
  let server: TestServer;
  let admin: Api;
  let site: TestSite;
  let key: string;
  beforeAll(async () => {
    server = await sharedServer(mode);
    admin = api(server.url, server.adminKey);
    site = await makeSite(admin);
    key = await keyOf(site);
  }, 90_000);

  const keyOf = async (bound: TestSite): Promise<string> =>
    (await admin.post('/v1/keys', { name: 'Live', scopes: ['reports:read'], site_id: bound.id })).body.key;
  const open = (own: string, lastId?: string, query = ''): Promise<OpenStream> =>
    openStream(`${server.url}/v1/calls/stream${query}`, {
      authorization: `Bearer ${own}`,
      ...(lastId ? { 'last-event-id': lastId } : {}),
    });
  const start = async (of: TestSite, to = of.numbers[0]) => {
    const call_id = newId();
    const { body } = await admin.post('/v1/calls/start', { call_id, to, from: '+12125550123' });
    return { id: body.id as string, call_id };
  };
  const end = (call_id: string) => admin.post('/v1/calls/end', { call_id, status: 'answered', duration: 30 });
  const typesOf = (stream: OpenStream) => stream.events().map(({ type }) => type);

  test('tells of a call from its start to what people write on it, as the list shows it', async () => {
    const { swaps, session } = (await pageOf(server.url, site).view()).body;
    const stream = await open(key);
    expect(stream.status).toBe(200);
    expect(stream.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(stream.headers.get('cache-control')).toBe('no-store');

    const call = await start(site, swaps[0]?.number);
    await stream.until(2);
    expect(typesOf(stream)).toEqual(['started', 'attributed']);
    expect(stream.events()[1]?.data).toMatchObject({
      id: call.id,
      status: 'in_progress',
      session_id: session,
      attribution: { method: 'recency', session_id: session },
    });
    await end(call.call_id);
    await admin.patch(`/v1/calls/${call.id}`, { note: 'Line\n\nline', value: 10 });
    await admin.post('/v1/calls/tags', { ids: [call.id], add: ['vip'] });
    await stream.until(5);
    expect(typesOf(stream).slice(2)).toEqual(['ended', 'updated', 'updated']);
    expect(stream.events()[4]?.data).toEqual((await admin.get(`/v1/calls?site_id=${site.id}`)).body.calls[0]);
    expect(stream.text().startsWith('retry: 2000\n\nid: ')).toBe(true);
    stream.close();
  });

  test('goes on after what was told last, by the header or by the address, from any event', async () => {
    const stream = await open(key);
    const from = stream.lastId();
    const calls = [await start(site), await start(site), await start(site)];
    await stream.until(6);
    stream.close();
    for (const { call_id } of calls) await end(call_id);

    const all = await open(key, from);
    await all.until(9);
    expect(typesOf(all).sort()).toEqual(
      ['started', 'attributed', 'ended'].flatMap((type) => [type, type, type]).sort(),
    );
    const last = stream.lastId();
    for (const rest of [await open(key, last), await open(key, undefined, `?last_event_id=${last}`)]) {
      const ended = () => rest.events().filter(({ type }) => type === 'ended');
      await expect
        .poll(() => new Set(ended().map(({ data }) => data.id)), { timeout: 10_000 })
        .toEqual(new Set(calls.map(({ id }) => id)));
      expect(ended()).toHaveLength(3);
      rest.close();
    }
    all.close();
  });

  // The same code in every mode.
  if (mode === 'embedded') return;

  test('is of one site for a key that is bound to it, or for who asks for one', async () => {
    const other = await makeSite(admin);
    const streams = [
      await open(key),
      await open(server.adminKey, undefined, `?site_id=${other.id}`),
      await open(server.adminKey),
    ];
    const mine = await start(site);
    const theirs = await start(other);
    const [own, named, every] = streams as [OpenStream, OpenStream, OpenStream];
    await Promise.all([own.until(2), named.until(2)]);
    await expect
      .poll(() => {
        const seen = every.events().map(({ data }) => data.id);
        return [seen.includes(mine.id), seen.includes(theirs.id)];
      })
      .toEqual([true, true]);
    expect(new Set(own.events().map(({ data }) => data.site_id))).toEqual(new Set([site.id]));
    expect(new Set(named.events().map(({ data }) => data.site_id))).toEqual(new Set([other.id]));
    for (const stream of streams) stream.close();
  });

  test('refuses what is no id of it, sites that are not there, and what it does not know', async () => {
    const reader = api(server.url, key);
    for (const wrong of ['x', '1', '-', '1-', '1-2-3', '9'.repeat(20), "1-1'"]) {
      expectInvalid(await reader.get('/v1/calls/stream', { 'last-event-id': wrong }), 'last_event_id');
      expectInvalid(
        await reader.get(`/v1/calls/stream?last_event_id=${encodeURIComponent(wrong)}`),
        'last_event_id',
      );
    }
    expectProblem(await reader.get(`/v1/calls/stream?site_id=${newId()}`), 404, 'not_found');
    expectInvalid(await reader.get('/v1/calls/stream?since=1'), 'since');
    const head = await fetch(`${server.url}/v1/calls/stream`, {
      method: 'HEAD',
      headers: { authorization: `Bearer ${key}` },
    });
    expect(head.status).toBe(404);
  });

  test('is open ten times to a key, and again when one is left', async () => {
    const own = await keyOf(site);
    const streams: OpenStream[] = [];
    for (let at = 0; at < 10; at += 1) streams.push(await open(own));
    const refused = await api(server.url, own).get('/v1/calls/stream');
    expectProblem(refused, 429, 'rate_limited');
    expect(refused.headers.get('retry-after')).toBe('15');
    streams.pop()?.close();
    await expect
      .poll(async () => {
        const again = await open(own);
        if (again.status === 200) streams.push(again);
        return again.status;
      })
      .toBe(200);
    for (const stream of streams) stream.close();
    // Other keys, and reports, have room all the while.
    expect((await api(server.url, own).get('/v1/calls')).status).toBe(200);
  });
});
