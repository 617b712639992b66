import fastify from 'fastify';
import { validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { expect, test } from 'vitest';
import { newId } from '../../../server/lib/ids.js';
import type { App } from '../../../server/routes/app-types.js';
import { forget } from '../../../server/routes/forget.js';
import type { Services } from '../../../server/routes/services.js';
import { siteRoutes } from '../../../server/routes/sites.js';
import { newSite } from '../../support/settings-rows.js';

/** A lease store that says what it was told, and how much at a time. */
function leaseStore() {
  const told: string[] = [];
  const failures: unknown[] = [];
  let now = 0;
  let most = 0;
  const services = {
    leases: {
      async retire(trackerId: string, number: string) {
        most = Math.max(most, ++now);
        await new Promise(setImmediate);
        now -= 1;
        told.push(`${trackerId} ${number}`);
        if (number === 'lost') throw new Error('away');
      },
    },
    browser: { onLeaseFailure: (error: unknown) => failures.push(error) },
  } as unknown as Services;
  return { services, told, failures, most: () => most };
}

test('the lease store is told of many numbers at a time, but not of all', async () => {
  const { services, told, failures, most } = leaseStore();
  const gone = Array.from({ length: 1_001 }, (_, at) => ({
    tracker_id: 't',
    number: at === 5 ? 'lost' : `n${at}`,
  }));
  await forget(services, gone);
  expect(told).toHaveLength(1_001);
  expect(most()).toBe(200);
  expect(failures).toHaveLength(1);
});

test('the lease store is told of the numbers of a retired site', async () => {
  const { services, told } = leaseStore();
  const site = newSite();
  const app = fastify().withTypeProvider<ZodTypeProvider>() as unknown as App;
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.decorateRequest('access');
  app.addHook('onRequest', async (request) => {
    request.access = { scopes: ['admin'], siteId: null };
  });
  const numbers = [1, 2].map((at) => ({ number: `n${at}`, tracker_id: newId() }));
  siteRoutes(app, {
    ...services,
    settings: { refresh: async () => {} },
    settingsStore: { listSites: async () => [site], retireSite: async () => numbers },
  } as unknown as Services);
  const answer = await app.inject({ method: 'DELETE', url: `/v1/sites/${site.id}` });
  expect(answer.statusCode).toBe(204);
  expect(told.sort()).toEqual(numbers.map(({ number, tracker_id }) => `${tracker_id} ${number}`).sort());
  await app.close();
});
