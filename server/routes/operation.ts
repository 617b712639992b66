import { isIP } from 'node:net';
import { z } from 'zod';
import { accessOf, may } from '../domain/settings/access.js';
import { Problem } from '../lib/errors.js';
import type { App } from './app-types.js';
import { problem } from './schemas.js';
import type { Services } from './services.js';

const isLoopback = (address: string): boolean =>
  address === '::1' || /^(::ffff:)?127\./.test(address) ? isIP(address) !== 0 : false;

const health = z.object({
  postgres: z.enum(['up', 'down']),
  redis: z.enum(['up', 'down', 'none']),
  spool: z
    .object({
      waiting: z.number().int().describe('Call events that are not in the database yet'),
      in_memory: z.number().int().describe('Of these, not on disk either: a crash loses them'),
      dropped: z.number().int().describe('Call events lost since the start, for want of room'),
    })
    .describe('What came in while Postgres was away'),
});

/** For the operator and what watches the service. */
export function operationRoutes(app: App, services: Services): void {
  const tags = ['operation'];

  app.get(
    '/healthz',
    {
      schema: {
        tags,
        summary: 'The process lives',
        response: { 200: z.object({ status: z.literal('ok') }) },
      },
    },
    async () => ({ status: 'ok' as const }),
  );

  app.get(
    '/readyz',
    { schema: { tags, summary: 'Calls can be routed', response: { 200: health, 503: health } } },
    async (_request, reply) => {
      const { ready, ...stores } = await services.health();
      return reply.code(ready ? 200 : 503).send(stores);
    },
  );

  app.get(
    '/metrics',
    {
      schema: {
        tags,
        summary: 'Prometheus metrics; admin key, or from this machine',
        produces: ['text/plain'],
        response: { 200: z.string(), 401: problem, 403: problem },
      },
    },
    async (request, reply) => {
      // Behind a proxy on this machine everybody comes from loopback; what it forwarded for is then looked at.
      if (!isLoopback(request.ip) || request.headers['x-forwarded-for'] !== undefined) {
        const { authorization } = request.headers;
        const access = await accessOf(services.settings, services.adminKeyHash, authorization);
        if (!may(access, 'admin') || access.siteId !== null)
          throw new Problem('forbidden', 'This needs an admin key.');
      }
      const { type, body } = await services.metrics.text();
      return reply
        .header('content-type', type)
        .serializer((text: string) => text)
        .send(body);
    },
  );
}
