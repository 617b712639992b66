import fastify from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { App } from '../../../server/routes/app-types.js';
import { problemOf, sendProblem } from '../../../server/routes/errors.js';
import { limitUnderWay } from '../../../server/routes/limits.js';
import { api } from '../../support/api.js';
import { expectProblem } from './expect-problem.js';

const MAX = 2;

let app: App;
let url: string;
/** Requests whose store hangs. */
let hanging: (() => void)[];

beforeEach(async () => {
  hanging = [];
  app = fastify({ forceCloseConnections: true }) as unknown as App;
  app.setErrorHandler((error, request, reply) =>
    sendProblem(
      request,
      reply,
      problemOf(error, () => false),
    ),
  );
  await app.register(async (scope) => {
    limitUnderWay(scope as App, MAX);
    scope.get('/slow', () => new Promise((resolve) => hanging.push(() => resolve({}))));
  });
  app.get('/other', async () => ({}));
  url = await app.listen({ port: 0, host: '127.0.0.1' });
});
afterEach(async () => {
  for (const end of hanging) end();
  await app.close();
});

const areHanging = (count: number) => expect.poll(() => hanging.length, { timeout: 10_000 }).toBe(count);
/** Asks until there is room; the number of requests that hang then. */
const untilTaken = (count: number) =>
  expect
    .poll(
      async () => {
        void api(url).get('/slow');
        await api(url).get('/other');
        return hanging.length;
      },
      { timeout: 10_000 },
    )
    .toBeGreaterThanOrEqual(count);

test('while a store hangs, so many wait for it; the others are told at once to come back, and other routes answer', async () => {
  const first = [api(url).get('/slow'), api(url).get('/slow')];
  await areHanging(MAX);
  const late = await api(url).get('/slow');
  expectProblem(late, 503, 'overloaded');
  expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await api(url).get('/other')).status).toBe(200);
  for (const end of hanging) end();
  expect((await Promise.all(first)).map(({ status }) => status)).toEqual([200, 200]);
  await untilTaken(MAX + 1);
});

test('who gives up waiting makes room', async () => {
  const gone = new AbortController();
  const asked = [1, 2].map(() => fetch(`${url}/slow`, { signal: gone.signal }).catch(() => null));
  await areHanging(MAX);
  gone.abort();
  await Promise.all(asked);
  await untilTaken(MAX + 1);
});
