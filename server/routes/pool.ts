import { z } from 'zod';
import { poolOf } from '../domain/leasing/pool.js';
import type { App } from './app-types.js';
import { id, keyProblems, problem } from './schemas.js';
import type { Services } from './services.js';
import { visibleTracker } from './trackers.js';

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
            numbers: z.number().int(),
            leased: z.number().int(),
            free: z.number().int(),
            retired: z.number().int(),
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
      const counts = await services.leases.inspect(poolOf(tracker));
      return {
        ...counts,
        retired: await services.settingsStore.countRetired(tracker.id),
        reservation_seconds: tracker.reservation_seconds,
        min_reservation_seconds: tracker.min_reservation_seconds,
      };
    },
  );
}
