import { z } from 'zod';
import { type Access, hashKey, makeKey, sees } from '../domain/settings/access.js';
import { Problem } from '../lib/errors.js';
import { isId, newId } from '../lib/ids.js';
import { asJson } from '../lib/json.js';
import type { ApiKey } from '../stores/settings.js';
import type { App } from './app-types.js';
import { sendTable, wantsCsv } from './csv-table.js';
import { listOf, pageOf } from './list.js';
import { id, keyProblems, name, pageQuery, problem } from './schemas.js';
import type { Services } from './services.js';
import { visibleSite } from './sites.js';

const scope = z.enum(['admin', 'reports:read', 'calls:write']);
const scopes = z
  .array(scope)
  .min(1)
  .max(3)
  .transform((list) => [...new Set(list)]);

const keySchema = z.object({
  id: z.uuid(),
  name: z.string(),
  scopes: z.array(scope),
  site_id: z.uuid().nullable(),
  created_at: z.iso.datetime(),
});

const COLUMNS = Object.keys(keySchema.shape);

const params = z.object({ id });
const tags = ['admin'];

const shown = ({ hash, retired_at, ...key }: ApiKey) => asJson(key);

/** API keys. A key is shown once, when it is made; only its hash is kept. */
export function keyRoutes(app: App, services: Services): void {
  const { settingsStore: store, settings } = services;

  async function visible(access: Access, keyId: string): Promise<ApiKey> {
    const key = await store.key(keyId);
    if (
      !key ||
      key.retired_at ||
      (key.site_id === null ? access.siteId !== null : !sees(access, key.site_id))
    ) {
      throw new Problem('not_found', 'There is no such key.');
    }
    return key;
  }

  app.post(
    '/v1/keys',
    {
      schema: {
        tags,
        summary: 'Make a key; it is shown this once',
        body: z.strictObject({ name: name(), scopes, site_id: id.nullish() }),
        response: { 201: keySchema.extend({ key: z.string() }), ...keyProblems, 404: problem },
      },
    },
    async (request, reply) => {
      const siteId = request.body.site_id ?? null;
      // A bound admin makes no wider keys than its own.
      if (siteId === null && request.access.siteId !== null) {
        throw new Problem(
          'forbidden',
          'A key bound to one site makes keys for that site only; name it as site_id.',
        );
      }
      if (siteId !== null) await visibleSite(services, request.access, siteId);
      const key = makeKey();
      const { name: keyName, scopes: wanted } = request.body;
      const made = await store.createKey({
        id: newId(),
        name: keyName,
        scopes: wanted,
        site_id: siteId,
        hash: hashKey(key),
      });
      await settings.refresh(siteId);
      return reply.code(201).send({ ...shown(made), key });
    },
  );

  app.get(
    '/v1/keys',
    {
      schema: {
        tags,
        summary: 'List keys',
        querystring: pageQuery,
        response: {
          200: z.object({ keys: z.array(keySchema), next_cursor: z.string().nullable() }),
          ...keyProblems,
        },
      },
    },
    async (request, reply) => {
      const rows = await store.listKeys(pageOf(request.query, isId), request.access.siteId);
      const { page, next_cursor } = listOf(rows, request.query.per_page, (key) => key.id);
      const keys = page.map(shown);
      if (wantsCsv(request, request.query)) return sendTable(reply, COLUMNS, keys, next_cursor) as never;
      return { keys, next_cursor };
    },
  );

  app.get(
    '/v1/keys/:id',
    {
      schema: {
        tags,
        summary: 'One key',
        params,
        response: { 200: keySchema, ...keyProblems, 404: problem },
      },
    },
    async (request) => shown(await visible(request.access, request.params.id)),
  );

  app.patch(
    '/v1/keys/:id',
    {
      schema: {
        tags,
        summary: "Change a key's name or scopes",
        params,
        body: z.strictObject({ name: name(), scopes }).partial(),
        response: { 200: keySchema, ...keyProblems, 404: problem },
      },
    },
    async (request) => {
      const before = await visible(request.access, request.params.id);
      const changed = await store.updateKey(before.id, request.body);
      if (!changed) throw new Problem('not_found', 'There is no such key.');
      await settings.refresh(before.site_id);
      return shown(changed);
    },
  );

  app.delete(
    '/v1/keys/:id',
    {
      schema: {
        tags,
        summary: 'Revoke a key',
        params,
        response: { 204: z.null(), ...keyProblems, 404: problem },
      },
    },
    async (request, reply) => {
      const key = await visible(request.access, request.params.id);
      await store.retireKey(key.id);
      await settings.refresh(key.site_id);
      return reply.code(204).send(null);
    },
  );
}
