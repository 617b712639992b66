import { z } from 'zod';
import { asJson } from '../lib/json.js';
import type { App } from './app-types.js';
import { id, keyProblems, problem } from './schemas.js';
import type { Services } from './services.js';
import { visibleSite } from './sites.js';

const time = z.iso.datetime();
const seen = z.object({ number: z.string(), last_seen_at: time });

/** Whether the script runs where it should, and finds what it should. */
export function installRoutes(app: App, services: Services): void {
  app.get(
    '/v1/sites/:id/install',
    {
      schema: {
        tags: ['admin'],
        summary: 'Where the script runs and what it finds there',
        description:
          'Per host: when the script was last seen there, the targets that it found or never found, how many places of pages it changed, and tracking numbers, retired ones too, that pages showed by themselves to visitors who never held them: copied into their source, or kept by a cache. For these a page an hour is looked through, last at `checked_at`; null: none yet.',
        params: z.object({ id }),
        response: {
          200: z.object({
            hosts: z.array(
              z.object({
                host: z.string(),
                last_seen_at: time,
                checked_at: time.nullable(),
                swaps: z.number().int(),
                targets_found: z.array(seen),
                targets_not_found: z.array(z.string()),
                pool_numbers_printed: z.array(seen),
              }),
            ),
          }),
          ...keyProblems,
          404: problem,
        },
      },
    },
    async (request) => {
      const site = await visibleSite(services, request.access, request.params.id);
      await services.browser.installs.flush();
      const targets = services.settings.targetsOf(site.id);
      const hosts = (await services.installs.bySite(site.id)).map(({ found, printed, ...host }) => ({
        ...host,
        targets_found: found.filter(({ number }) => targets.includes(number)),
        targets_not_found: targets.filter((target) => !found.some(({ number }) => number === target)),
        // A number may have gone to another site since.
        pool_numbers_printed: printed.filter(({ number }) =>
          services.settings.isTrackingNumber(site.id, number),
        ),
      }));
      return { hosts: asJson(hosts) };
    },
  );
}
