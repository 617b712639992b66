import cors from '@fastify/cors';
import { z } from 'zod';
import { browserEvent } from '../domain/visits/browser-events.js';
import { plainAddress } from '../lib/address.js';
import { countryNamed } from '../lib/country.js';
import type { App } from './app-types.js';
import { eventReplySchema, eventSchema } from './event-schema.js';
import { problem, problemOf } from './schemas.js';
import type { Services } from './services.js';

/**
 * Of the headers that keep pages safe, those that mean something on an answer to a script; it is asked for on every page
 * of every site.
 */
const HEADERS = {
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'cross-origin',
  'x-content-type-options': 'nosniff',
};

/** What browsers ask. No cookies are used, so any origin may read the answers; the site decides in the handler. */
export async function browserRoutes(app: App, services: Services): Promise<void> {
  const { countryHeader } = services;
  await app.register(cors, {
    origin: '*',
    methods: ['POST', 'GET'],
    allowedHeaders: ['content-type'],
    maxAge: 86_400,
    // An OPTIONS that is no preflight is no mistake either; the plugin would answer it with plain text.
    strictPreflight: false,
  });

  app.post(
    '/v1/events',
    {
      helmet: false,
      schema: {
        tags: ['browser'],
        summary: 'What a page tells of its visitor; answers which numbers to show',
        consumes: ['text/plain', 'application/json'],
        body: eventSchema,
        response: {
          200: eventReplySchema,
          204: z.null().describe('Taken; nothing to answer'),
          400: problem,
          403: problemOf('origin_not_allowed'),
          404: problemOf('unknown_site'),
        },
      },
    },
    async (request, reply) => {
      const answer = await browserEvent(services.browser, request.body, {
        origin: request.headers.origin,
        userAgent: request.headers['user-agent'],
        headers: request.headers,
        address: plainAddress(request.ip),
        country: countryHeader === null ? null : countryNamed(request.headers[countryHeader]),
      });
      reply.headers(HEADERS);
      return answer === null ? reply.code(204).send(null) : answer;
    },
  );
}
