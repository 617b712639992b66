import type { FastifyRequest } from 'fastify';
import { accessOf, may } from '../domain/settings/access.js';
import { Problem } from '../lib/errors.js';
import type { Scope } from '../stores/settings.js';
import type { App } from './app-types.js';
import { browserRoutes } from './browser.js';
import { callRoutes } from './calls.js';
import { callsPatchRoutes, callsReadRoutes } from './calls-read.js';
import { demoRoutes } from './demo.js';
import { installRoutes } from './install.js';
import { keyRoutes } from './keys.js';
import { numberRoutes } from './numbers.js';
import { operationRoutes } from './operation.js';
import { poolRoutes } from './pool.js';
import { reportRoutes } from './reports.js';
import type { Services } from './services.js';
import { sessionRoutes } from './sessions.js';
import { siteRoutes } from './sites.js';
import { snippetRoutes } from './snippet.js';
import { trackerRoutes } from './trackers.js';
import { twilioRoutes } from './twilio.js';

type Routes = (app: App, services: Services) => Promise<void> | void;

/** Who may call what. Every route of the service is registered here, under the scope that it needs. */
export function registerRoutes(app: App, services: Services): void {
  const open = (routes: Routes) => app.register(async (scope) => routes(scope as App, services));

  /** Open to everybody, and so many times a minute to one address. */
  const limited = (routes: Routes) =>
    app.register(async (scope) => {
      // After the hooks that set CORS headers, which belong on this answer too, and before the body is read.
      scope.addHook('preParsing', async (request: FastifyRequest) => {
        if (await services.requests.take(request.ip)) return;
        throw new Problem('rate_limited', 'Too many requests from this address; try again in a minute.');
      });
      await routes(scope as App, services);
    });

  const behindKey = (needed: Scope, ...all: Routes[]) =>
    app.register(async (scope) => {
      scope.addHook('onRequest', async (request: FastifyRequest) => {
        request.access = await accessOf(
          services.settings,
          services.adminKeyHash,
          request.headers.authorization,
        );
        if (!may(request.access, needed))
          throw new Problem('forbidden', `This needs a key with the scope ${needed}.`);
      });
      scope.addHook('onRoute', (route) => {
        route.schema = { ...route.schema, security: [{ key: [] }] };
      });
      for (const routes of all) await routes(scope as App, services);
    });

  limited(browserRoutes);
  limited(snippetRoutes);
  open(operationRoutes);
  // Providers sign what they send; the signature is checked in the route.
  open(twilioRoutes);
  if (services.demo) limited(demoRoutes);

  behindKey('calls:write', callRoutes, callsPatchRoutes);
  behindKey('reports:read', callsReadRoutes, reportRoutes, sessionRoutes);
  behindKey('admin', siteRoutes, trackerRoutes, poolRoutes, numberRoutes, keyRoutes, installRoutes);
}
