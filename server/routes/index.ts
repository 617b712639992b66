import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { accessOf, may } from '../domain/settings/access.js';
import { Problem } from '../lib/errors.js';
import type { Scope } from '../stores/settings.js';
import type { App } from './app-types.js';
import { browserRoutes } from './browser.js';
import { callRoutes } from './calls.js';
import { callsPatchRoutes, callsReadRoutes } from './calls-read.js';
import { callsStreamRoutes } from './calls-stream.js';
import { costsReadRoutes, costsWriteRoutes } from './costs.js';
import { demoRoutes } from './demo.js';
import { installRoutes } from './install.js';
import { keyRoutes } from './keys.js';
import { leadsPatchRoutes, leadsReadRoutes } from './leads.js';
import { limitByAddress, limitUnderWay } from './limits.js';
import { numberRoutes } from './numbers.js';
import { operationRoutes } from './operation.js';
import { poolRoutes } from './pool.js';
import { reportRoutes } from './reports.js';
import { problem, problemOf } from './schemas.js';
import type { Services } from './services.js';
import { sessionRoutes } from './sessions.js';
import { siteRoutes } from './sites.js';
import { snippetRoutes } from './snippet.js';
import { trackerRoutes } from './trackers.js';
import { twilioRoutes } from './twilio.js';

/** How many requests may be under way at once; past it 503 `overloaded`. */
const MAX_PUBLIC = 1_000;
const MAX_REPORTS = 20;
const MAX_IMPORTS = 20;
const MAX_STREAMS = 200;
const MAX_ADMIN = 100;

type Routes = (app: App, services: Services) => Promise<void> | void;

const BUSY = { 503: problemOf('unavailable', 'overloaded') };

/** Says in the documentation what all of these routes may answer. */
function addProblems(app: App, problems: Record<number, z.ZodType>): void {
  app.addHook('onRoute', (route) => {
    route.schema = { ...route.schema, response: { ...(route.schema?.response as object), ...problems } };
  });
}

/** Who may call what. Every route of the service is registered here, under the scope that it needs. */
export function registerRoutes(app: App, services: Services): void {
  const open = (routes: Routes) => app.register(async (scope) => routes(scope as App, services));

  /** Open to everybody, and so many times a minute to one address. */
  const limited = (...all: Routes[]) =>
    app.register(async (scope) => {
      addProblems(scope as App, { 429: problem, ...BUSY });
      limitByAddress(scope as App, services.requests.byAddress);
      limitUnderWay(scope as App, MAX_PUBLIC);
      for (const routes of all) await scope.register(async (own) => routes(own as App, services));
    });

  const behindKey = (needed: Scope, maxUnderWay: number, ...all: Routes[]) =>
    app.register(async (scope) => {
      limitUnderWay(scope as App, maxUnderWay);
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
        route.schema = { ...route.schema, security: [{ key: [needed] }] };
      });
      addProblems(scope as App, Number.isFinite(maxUnderWay) ? BUSY : { 503: problemOf('unavailable') });
      for (const routes of all) await routes(scope as App, services);
    });

  limited(browserRoutes, snippetRoutes, ...(services.demo ? [demoRoutes] : []));
  open(operationRoutes);
  // Providers sign what they send; the signature is checked in the route.
  open(twilioRoutes);

  // A caller is waiting: these are never refused for being many.
  behindKey('calls:write', Number.POSITIVE_INFINITY, callRoutes, callsPatchRoutes, leadsPatchRoutes);
  behindKey('calls:write', MAX_IMPORTS, costsWriteRoutes);
  behindKey(
    'reports:read',
    MAX_REPORTS,
    callsReadRoutes,
    leadsReadRoutes,
    reportRoutes,
    sessionRoutes,
    costsReadRoutes,
  );
  behindKey('reports:read', MAX_STREAMS, callsStreamRoutes);
  behindKey(
    'admin',
    MAX_ADMIN,
    siteRoutes,
    trackerRoutes,
    poolRoutes,
    numberRoutes,
    keyRoutes,
    installRoutes,
  );
}
