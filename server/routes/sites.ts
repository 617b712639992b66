import { randomInt } from 'node:crypto';
import { isIP } from 'node:net';
import { isSupportedCountry } from 'libphonenumber-js/max';
import { z } from 'zod';
import type { Access } from '../domain/settings/access.js';
import { sees } from '../domain/settings/access.js';
import { withoutSecrets } from '../domain/settings/without-secrets.js';
import { Problem } from '../lib/errors.js';
import { isId, newId } from '../lib/ids.js';
import { asJson } from '../lib/json.js';
import type { App } from './app-types.js';
import { sendTable, wantsCsv } from './csv-table.js';
import { listOf, pageOf } from './list.js';
import { id, keyProblems, name, pageQuery, problem, text } from './schemas.js';
import type { Services } from './services.js';

const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';

/** A site's public key: short, for a URL, without letters that look alike. */
const siteKey = () => `s${Array.from({ length: 15 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')}`;

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return /^[A-Za-z]/.test(zone);
  } catch {
    return false;
  }
}

function isNetwork(entry: string): boolean {
  const [address = '', bits, ...rest] = entry.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 6 ? 128 : 32));
}

const HOST = /^(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i;
const ORIGIN = /^https?:\/\/(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/i;

const fields = {
  name: name(),
  time_zone: z.string().refine(isTimeZone, { message: 'is not an IANA time zone, like Europe/Berlin' }),
  default_region: z
    .string()
    .transform((region) => region.toUpperCase())
    .refine(isSupportedCountry, { message: 'is not a country, like US' }),
  allowed_origins: z
    .array(
      z.string().regex(ORIGIN, 'is not an origin, like https://www.shop.example or https://*.shop.example'),
    )
    .max(100),
  min_confidence: z.number().min(0).max(1),
  qualified_seconds: z.number().int().min(0).max(86_400),
  excluded_addresses: z
    .array(z.string().refine(isNetwork, { message: 'is not an address or network' }))
    .max(1000),
  excluded_hosts: z.array(z.string().regex(HOST, 'is not a host')).max(1000),
  providers: z.object({
    twilio: z.object({ account_sid: text(64).optional(), auth_token: name(128) }).optional(),
  }),
};

const createBody = z.object({
  ...fields,
  time_zone: fields.time_zone.default('UTC'),
  default_region: fields.default_region.default('US'),
  allowed_origins: fields.allowed_origins.default([]),
  min_confidence: fields.min_confidence.default(0.5),
  qualified_seconds: fields.qualified_seconds.default(60),
  excluded_addresses: fields.excluded_addresses.default([]),
  excluded_hosts: fields.excluded_hosts.default([]),
  providers: fields.providers.default({}),
});

const siteSchema = z.object({
  id: z.uuid(),
  key: z.string(),
  name: z.string(),
  time_zone: z.string(),
  default_region: z.string(),
  allowed_origins: z.array(z.string()),
  min_confidence: z.number(),
  qualified_seconds: z.number().int(),
  excluded_addresses: z.array(z.string()),
  excluded_hosts: z.array(z.string()),
  providers: z.object({
    twilio: z.object({ account_sid: z.string().nullable(), auth_token_set: z.boolean() }).optional(),
  }),
  created_at: z.iso.datetime(),
  retired_at: z.iso.datetime().nullable(),
});

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
        body: createBody,
        response: { 201: siteSchema, ...keyProblems },
      },
    },
    async (request, reply) => {
      if (request.access.siteId !== null)
        throw new Problem('forbidden', 'A key bound to one site makes no others.');
      const site = await store.createSite({ id: newId(), key: siteKey(), ...request.body });
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
      if (wantsCsv(request, request.query)) return sendTable(reply, sites, next_cursor) as never;
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
        body: z.object(fields).partial(),
        response: { 200: siteSchema, ...keyProblems, 404: problem },
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
      await store.retireSite(site.id);
      await settings.refresh(site.id);
      return reply.code(204).send(null);
    },
  );
}
