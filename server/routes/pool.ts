import { z } from 'zod';
import { advise } from '../domain/leasing/advise.js';
import type { App } from './app-types.js';
import { poolSchema, whatIfQuery } from './pool-schema.js';
import { id, keyProblems, problem } from './schemas.js';
import type { Services } from './services.js';
import { visibleTracker } from './trackers.js';

/** How a session tracker's numbers are used, and how many it needs. */
export function poolRoutes(app: App, services: Services): void {
  app.get(
    '/v1/trackers/:id/pool',
    {
      schema: {
        tags: ['admin'],
        summary: 'How full the pool is, and how many numbers it needs',
        params: z.object({ id }),
        querystring: whatIfQuery,
        response: { 200: poolSchema, ...keyProblems, 404: problem },
      },
    },
    async (request) => {
      const tracker = await visibleTracker(services, request.access, request.params.id);
      await services.refusals.flush();
      const figures = await services.pools.figures(tracker.id);
      const advice = await advise(services.pools, tracker, {
        numbers: figures.numbers,
        whatIf: request.query,
        now: services.browser.now(),
      });
      return {
        ...figures,
        retired: await services.settingsStore.countRetired(tracker.id),
        reservation_seconds: tracker.reservation_seconds,
        min_reservation_seconds: tracker.min_reservation_seconds,
        ...advice,
      };
    },
  );
}
