import { z } from 'zod';
import { sessionWithJourney } from '../domain/reports/calls.js';
import { asJson } from '../lib/json.js';
import type { App } from './app-types.js';
import { pathId } from './path-id.js';
import { callSchema, leaseSchema, pageViewSchema, sessionSchema, touchSchema } from './report-schemas.js';
import { keyProblems, problem } from './schemas.js';
import type { Services } from './services.js';

/** Visits as marketers read them. */
export async function sessionRoutes(app: App, services: Services): Promise<void> {
  app.get(
    '/v1/sessions/:id',
    {
      schema: {
        tags: ['reports'],
        summary: 'A visit: where it came from, what it saw, the calls that name it',
        params: z.object({ id: z.string() }),
        response: {
          200: sessionSchema.extend({
            page_views: z.array(pageViewSchema).describe('The first 1,000, oldest first'),
            touches: z.array(touchSchema),
            leases: z.array(leaseSchema).describe('The numbers that the visitor held meanwhile'),
            calls: z.array(callSchema).describe('Newest first'),
          }),
          ...keyProblems,
          404: problem,
        },
      },
    },
    async (request) =>
      asJson(await sessionWithJourney(services, request.access, pathId(request.params.id, 'session'))),
  );
}
