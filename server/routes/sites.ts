import { randomInt } from 'node:crypto';
import { z } from 'zod';
import type { Access } from '../domain/settings/access.js';
import { sees } from '../domain/settings/access.js';
import { withoutSecrets } from '../domain/settings/without-secrets.js';
import { Problem } from '../lib/errors.js';
import { isId, newId } from '../lib/ids.js';
import { asJson } from '../lib/json.js';
import type { App } from './app-types.js';
import { sendTable, wantsCsv } from './csv-table.js';
import { forget } from './forget.js';
import { listOf, pageOf } from './list.js';
import { id, keyProblems, pageQuery, problem } from './schemas.js';
import type { Services } from './services.js';
import { createSiteBody, patchSiteBody, siteSchema } from './site-schema.js';

const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';

/** A site's public key: short, for a URL, without letters that look alike. */
const siteKey = () => `s${Array.from({ length: 15 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')}`;

const COLUMNS = Object.keys(siteSchema.shape);

const params = z.object({ id });
const tags = ['admin'];

/** A site that the key may see; another's is not there. */
export async function visibleSite(services: Services, access: Access, siteId: string) {
  const [site] = sees(access, siteId)
    ? await services.settingsStore.listSites({ after: null, limit: 1 }, siteId)
    : [];
  if (!site) throw new Problem('not_found', 'There is no such site.');
  return site;
}

/** Sites. */
export function siteRoutes(app: App, services: Services): void {
  const { settingsStore: store, settings } = services;

  app.post(
    '/v1/sites',
    {
      schema: {
        tags,
        summary: 'Make a site',
        body: createSiteBody,
        response: { 201: siteSchema, ...keyProblems },
      },
    },
    async (request, reply) => {
      if (request.access.siteId !== null)
        throw new Problem('forbidden', 'A key bound to one site makes no others.');
      const site = await store.createSite({
        id: newId(),
        key: siteKey(),

        ...request.body,
      });
      await settings.refresh(site.id);
      return reply.code(201).send(asJson(withoutSecrets(site)));
    },
  );

  app.get(
    '/v1/sites',
    {
      schema: {
        tags,
        summary: 'List sites',
        querystring: pageQuery,
        response: {
          200: z.object({ sites: z.array(siteSchema), next_cursor: z.string().nullable() }),
          ...keyProblems,
        },
      },
    },
    async (request, reply) => {
      const rows = await store.listSites(pageOf(request.query, isId), request.access.siteId);
      const { page, next_cursor } = listOf(rows, request.query.per_page, (site) => site.id);
      const sites = asJson(page.map(withoutSecrets));
      if (wantsCsv(request, request.query)) return sendTable(reply, COLUMNS, sites, next_cursor) as never;
      return { sites, next_cursor };
    },
  );

  app.get(
    '/v1/sites/:id',
    {
      schema: {
        tags,
        summary: 'One site',
        params,
        response: { 200: siteSchema, ...keyProblems, 404: problem },
      },
    },
    async (request) => asJson(withoutSecrets(await visibleSite(services, request.access, request.params.id))),
  );

  app.patch(
    '/v1/sites/:id',
    {
      schema: {
        tags,
        summary: 'Change a site; what is left out stays',
        params,
        body: patchSiteBody,
        response: { 200: siteSchema, ...keyProblems, 404: problem, 409: problem },
      },
    },
    async (request) => {
      const before = await visibleSite(services, request.access, request.params.id);
      const site = await store.updateSite(before.id, request.body);
      if (!site) throw new Problem('not_found', 'There is no such site.');
      await settings.refresh(site.id);
      return asJson(withoutSecrets(site));
    },
  );

  app.delete(
    '/v1/sites/:id',
    {
      schema: {
        tags,
        summary: 'Retire a site; calls to its numbers are still routed for a while',
        params,
        response: { 204: z.null(), ...keyProblems, 404: problem },
      },
    },
    async (request, reply) => {
      const site = await visibleSite(services, request.access, request.params.id);
      const gone = await store.retireSite(site.id);
      await settings.refresh(site.id);
      await forget(services, gone ?? []);
      return reply.code(204).send(null);
    },
  );
}
