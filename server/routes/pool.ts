import { z } from 'zod';
import type { App } from './app-types.js';
import { id, keyProblems, problem } from './schemas.js';
import type { Services } from './services.js';
import { visibleTracker } from './trackers.js';

const count = z.number().int();

/** How a session tracker's numbers are used. */
export function poolRoutes(app: App, services: Services): void {
  app.get(
    '/v1/trackers/:id/pool',
    {
      schema: {
        tags: ['admin'],
        summary: 'How full the pool is',
        params: z.object({ id }),
        response: {
          200: z.object({
            numbers: count.describe('Numbers in use, whoever holds them'),
            leased: count.describe('Held by a visitor now'),
            elastic: count.describe("Of the leased: on a lease that cut another visitor's rest short"),
            free: count.describe('Held by nobody, and reserved for nobody'),
            retired: count.describe('No longer leased, but calls to them are still taken'),
            reclaimed: count.describe('Leases that were cut short in the last 24 hours'),
            refused: count.describe('Times in the last 24 hours that a visitor asked and the pool had none'),
            reservation_seconds: z.number().int(),
            min_reservation_seconds: z.number().int(),
          }),
          ...keyProblems,
          404: problem,
        },
      },
    },
    async (request) => {
      const tracker = await visibleTracker(services, request.access, request.params.id);
      await services.refusals.flush();
      return {
        ...(await services.pools.figures(tracker.id)),
        retired: await services.settingsStore.countRetired(tracker.id),
        reservation_seconds: tracker.reservation_seconds,
        min_reservation_seconds: tracker.min_reservation_seconds,
      };
    },
  );
}
