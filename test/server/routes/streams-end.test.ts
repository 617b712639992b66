import fastify from 'fastify';
import { validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Watcher } from '../../../server/domain/reports/live.js';
import { newId } from '../../../server/lib/ids.js';
import type { App } from '../../../server/routes/app-types.js';
import { callsReadRoutes } from '../../../server/routes/calls-read.js';
import { callsStreamRoutes } from '../../../server/routes/calls-stream.js';
import type { Services } from '../../../server/routes/services.js';
import type { ListedCall, ListPosition } from '../../../server/stores/reports.js';
import { openStream } from '../../support/event-source.js';

// What has no end is given up when nobody takes it any more.

let app: App;
let url: string;
let isKeyGood: boolean;
let watchers: Watcher[];
let pages: { after: ListPosition | null; limit: number }[];

const authorization = 'Bearer dni_key';

/** Calls without end. */
const batch = (count: number): ListedCall[] =>
  Array.from({ length: count }, () => {
    const id = newId();
    const call = { id, note: 'x'.repeat(4_000), attribution: null } as unknown as ListedCall['call'];
    return { call, position: { time: '2026-10-01T10:00:00.000000Z', id } };
  });

beforeEach(async () => {
  isKeyGood = true;
  watchers = [];
  pages = [];
  const key = { retired_at: null, scopes: ['reports:read'], site_id: null };
  let last: ListPosition | null = null;
  const services = {
    adminKeyHash: null,
    settings: { siteById: () => null, keyByHash: async () => (isKeyGood ? key : null) },
    live: {
      watch: async (watcher: Watcher) => {
        watchers.push(watcher);
        return { from: { transaction: '1', id: '0' }, leave: () => watchers.pop() };
      },
      close: () => {
        for (const watcher of watchers) watcher.end();
      },
    },
    reports: {
      soleSite: async () => null,
      calls: async (_filter: unknown, page: { after: ListPosition | null; limit: number }) => {
        expect(page).toEqual({ after: last, limit: 500 });
        pages.push(page);
        const found = batch(page.limit);
        last = found.at(-1)?.position ?? null;
        return found;
      },
    },
  } as unknown as Services;
  app = fastify({ forceCloseConnections: true }).withTypeProvider<ZodTypeProvider>() as unknown as App;
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.decorateRequest('access');
  app.addHook('onRequest', async (request) => {
    request.access = { scopes: ['reports:read'], siteId: null };
  });
  await callsReadRoutes(app, services);
  await callsStreamRoutes(app, services);
  url = await app.listen({ port: 0, host: '127.0.0.1' });
});
afterEach(async () => {
  vi.useRealTimers();
  await app.close();
});

describe('an export of calls', () => {
  test('is read piece by piece, as fast as it is taken, and no further when the client is gone', async () => {
    const gone = new AbortController();
    const response = await fetch(`${url}/v1/calls?format=csv`, { signal: gone.signal });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    for (let taken = 0; taken < 3_000_000; ) taken += (await reader.read()).value?.length ?? 0;
    expect(pages.length).toBeGreaterThan(1);
    gone.abort();
    await expect
      .poll(
        async () => {
          const before = pages.length;
          await new Promise((resolve) => setTimeout(resolve, 100));
          return pages.length - before;
        },
        { timeout: 10_000 },
      )
      .toBe(0);
  });
});

describe('a stream of calls', () => {
  test('shows every 15 seconds that it lives, and ends when its key is revoked', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const stream = await openStream(`${url}/v1/calls/stream`, { authorization });
    expect(stream.text()).not.toContain(': alive');
    vi.advanceTimersByTime(15_000);
    await expect.poll(stream.text).toContain(': alive\n\n');
    expect(watchers).toHaveLength(1);
    isKeyGood = false;
    vi.advanceTimersByTime(15_000);
    await stream.ended;
    await expect.poll(() => watchers).toHaveLength(0);
  });

  test('is left when the client is gone', async () => {
    const stream = await openStream(`${url}/v1/calls/stream`, { authorization });
    expect(watchers).toHaveLength(1);
    stream.close();
    await expect.poll(() => watchers).toHaveLength(0);
  });

  test('ends when the server does', async () => {
    const stream = await openStream(`${url}/v1/calls/stream`, { authorization });
    const closed = app.close();
    await stream.ended;
    await closed;
  });
});
