import fastify from 'fastify';
import { validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type pg from 'pg';
import type { App } from '../../../server/routes/app-types.js';
import { callsPatchRoutes, callsReadRoutes } from '../../../server/routes/calls-read.js';
import { problemOf, sendProblem } from '../../../server/routes/errors.js';
import { leadsPatchRoutes, leadsReadRoutes } from '../../../server/routes/leads.js';
import { reportRoutes } from '../../../server/routes/reports.js';
import type { Services } from '../../../server/routes/services.js';
import { sessionRoutes } from '../../../server/routes/sessions.js';
import { createLeadStore } from '../../../server/stores/postgres/leads.js';
import { createPool } from '../../../server/stores/postgres/pool.js';
import { createReportStore } from '../../../server/stores/postgres/reports/report-store.js';
import type { ReportStore } from '../../../server/stores/reports.js';
import type { Site } from '../../../server/stores/settings.js';
import type { Answer, Loose } from '../../support/api.js';
import { createDatabase } from '../../support/database.js';

export interface ReportsApp {
  pool: pg.Pool;
  store: ReportStore;
  /** Asks with an unbound key, or with one that is bound to a site. */
  get: (path: string, ask?: { site?: string; accept?: string }) => Promise<Answer<Loose>>;
  patch: (path: string, body: unknown, ask?: { site?: string }) => Promise<Answer<Loose>>;
  post: (path: string, body: unknown, ask?: { site?: string }) => Promise<Answer<Loose>>;
  close: () => Promise<void>;
}

/** The routes of the marketer on a fresh database. Sites are those in it at the moment of the question. */
export async function startReportsApp(): Promise<ReportsApp> {
  const database = await createDatabase();
  const pool = createPool({
    connection: { connectionString: database.url },
    max: 4,
    onError: () => {},
  });
  const store = createReportStore(pool);
  const sites = new Map<string, Site>();
  const readSites = async () => {
    const { rows } = await pool.query<Site>('select * from sites');
    for (const site of rows) sites.set(site.id, site);
  };
  const services = {
    settings: { siteById: (id: string) => sites.get(id) ?? null },
    reports: store,
    leads: createLeadStore(pool),
  } as unknown as Services;

  const app = fastify().withTypeProvider<ZodTypeProvider>() as unknown as App;
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.decorateRequest('access');
  app.addHook('onRequest', async (request) => {
    await readSites();
    const site = request.headers['x-test-site'];
    request.access = { scopes: ['admin'], siteId: typeof site === 'string' ? site : null };
  });
  app.setErrorHandler((error, request, reply) =>
    sendProblem(
      request,
      reply,
      problemOf(error, () => false),
    ),
  );
  await callsReadRoutes(app, services);
  await callsPatchRoutes(app, services);
  await leadsReadRoutes(app, services);
  await leadsPatchRoutes(app, services);
  await reportRoutes(app, services);
  await sessionRoutes(app, services);

  async function ask(
    method: 'GET' | 'PATCH' | 'POST',
    url: string,
    headers: Record<string, string>,
    body?: unknown,
  ) {
    const answer = await app.inject({ method, url, headers, payload: body as object | undefined });
    const isJson = /json/.test(String(answer.headers['content-type']));
    return {
      status: answer.statusCode,
      body: isJson ? answer.json() : answer.body,
      headers: new Headers(answer.headers as Record<string, string>),
    };
  }
  const bound = (site: string | undefined): Record<string, string> => (site ? { 'x-test-site': site } : {});
  return {
    pool,
    store,
    get: (path, { site, accept } = {}) => ask('GET', path, { ...bound(site), ...(accept ? { accept } : {}) }),
    patch: (path, body, { site } = {}) => ask('PATCH', path, bound(site), body),
    post: (path, body, { site } = {}) => ask('POST', path, bound(site), body),
    close: async () => {
      await app.close();
      await pool.end();
      await database.drop();
    },
  };
}
