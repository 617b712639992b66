import { z } from 'zod';
import { type Access, sees } from '../domain/settings/access.js';
import { Problem } from '../lib/errors.js';
import { asJson } from '../lib/json.js';
import { parseE164 } from '../lib/phone.js';
import type { TrackingNumber } from '../stores/settings.js';
import type { App } from './app-types.js';
import { sendTable, wantsCsv } from './csv-table.js';
import { listOf, pageOf } from './list.js';
import { e164, id, keyProblems, pageQuery, problem, problemOf } from './schemas.js';
import type { Services } from './services.js';
import { visibleSite } from './sites.js';

const numberSchema = z.object({
  id: z.string().describe('The number itself, E.164'),
  number: z.string(),
  site_id: z.uuid(),
  tracker_id: z.uuid(),
  created_at: z.iso.datetime(),
  retired_at: z.iso.datetime().nullable(),
});

const COLUMNS = Object.keys(numberSchema.shape);

const params = z.object({ id: z.string().max(64) });
const tags = ['admin'];

const shown = (number: TrackingNumber) => asJson({ id: number.number, ...number });

/** Tracking numbers, one by one; a tracker's whole list is changed with the tracker. */
export function numberRoutes(app: App, services: Services): void {
  const { settingsStore: store, settings } = services;

  async function visible(access: Access, given: string): Promise<TrackingNumber> {
    const number = parseE164(given);
    const found = number === null ? null : await store.number(number);
    if (!found || found.retired_at || !sees(access, found.site_id)) {
      throw new Problem('not_found', 'There is no such number.');
    }
    return found;
  }

  /** The session tracker that a number is to go to: a source tracker has its one number from the start. */
  async function pool(access: Access, trackerId: string) {
    const tracker = await store.tracker(trackerId);
    if (!tracker || tracker.retired_at || !sees(access, tracker.site_id)) {
      throw new Problem('not_found', 'There is no such tracker.');
    }
    if (tracker.type === 'source') {
      throw new Problem('conflict', 'A source tracker has exactly one number; change it with the tracker.');
    }
    return tracker;
  }

  function refuseTarget(number: string, tracker: { targets: string[]; destination: string }): void {
    if (!tracker.targets.includes(number) && tracker.destination !== number) return;
    throw new Problem('invalid_request', 'A tracking number cannot be a target or the destination.', [
      { path: 'id', message: 'is a target or the destination of the tracker' },
    ]);
  }

  app.post(
    '/v1/numbers',
    {
      schema: {
        tags,
        summary: 'Put a number into a pool',
        body: z
          .strictObject({
            id: e164.optional(),
            number: e164.optional(),
            site_id: id.optional(),
            tracker_id: id,
          })
          .refine((body) => body.id ?? body.number, { path: ['id'], message: 'is missing' }),
        response: {
          201: numberSchema,
          ...keyProblems,
          404: problem,
          409: problemOf('number_in_use', 'conflict'),
        },
      },
    },
    async (request, reply) => {
      const tracker = await pool(request.access, request.body.tracker_id);
      if (request.body.site_id && request.body.site_id !== tracker.site_id) {
        throw new Problem('not_found', 'The site has no such tracker.');
      }
      const number = (request.body.id ?? request.body.number) as string;
      refuseTarget(number, tracker);
      const added = await store.addNumber(number, tracker);
      await settings.refresh(tracker.site_id);
      return reply.code(201).send(shown(added));
    },
  );

  app.get(
    '/v1/numbers',
    {
      schema: {
        tags,
        summary: 'List tracking numbers',
        querystring: pageQuery.extend({ site_id: id.optional() }),
        response: {
          200: z.object({ numbers: z.array(numberSchema), next_cursor: z.string().nullable() }),
          ...keyProblems,
          404: problem,
        },
      },
    },
    async (request, reply) => {
      const { site_id } = request.query;
      if (site_id) await visibleSite(services, request.access, site_id);
      const page = pageOf(request.query, (text) => parseE164(text) === text);
      const rows = await store.listNumbers(page, site_id ?? request.access.siteId);
      const list = listOf(rows, request.query.per_page, (number) => number.number);
      const numbers = list.page.map(shown);
      if (wantsCsv(request, request.query))
        return sendTable(reply, COLUMNS, numbers, list.next_cursor) as never;
      return { numbers, next_cursor: list.next_cursor };
    },
  );

  app.get(
    '/v1/numbers/:id',
    {
      schema: {
        tags,
        summary: 'One number',
        params,
        response: { 200: numberSchema, ...keyProblems, 404: problem },
      },
    },
    async (request) => shown(await visible(request.access, request.params.id)),
  );

  app.patch(
    '/v1/numbers/:id',
    {
      schema: {
        tags,
        summary: 'Move a number to another pool; it is leased there once its last promise is over',
        params,
        body: z.strictObject({ tracker_id: id }),
        response: {
          200: numberSchema,
          ...keyProblems,
          404: problem,
          409: problemOf('number_in_use', 'conflict'),
        },
      },
    },
    async (request) => {
      const before = await visible(request.access, request.params.id);
      const tracker = await pool(request.access, request.body.tracker_id);
      if (before.tracker_id === tracker.id) return shown(before);
      refuseTarget(before.number, tracker);
      await refuseLast(before);
      const moved = await store.moveNumber(before.number, tracker);
      if (!moved) throw new Problem('not_found', 'There is no such number.');
      await settings.refresh(before.site_id);
      await settings.refresh(tracker.site_id);
      await services.leases.retire(before.tracker_id, before.number).catch(services.browser.onLeaseFailure);
      return shown(moved);
    },
  );

  app.delete(
    '/v1/numbers/:id',
    {
      schema: {
        tags,
        summary: 'Retire a number; calls to it are still routed for a while',
        params,
        response: { 204: z.null(), ...keyProblems, 404: problem, 409: problem },
      },
    },
    async (request, reply) => {
      const number = await visible(request.access, request.params.id);
      await refuseLast(number);
      await store.retireNumber(number.number);
      await settings.refresh(number.site_id);
      await services.leases.retire(number.tracker_id, number.number).catch(services.browser.onLeaseFailure);
      return reply.code(204).send(null);
    },
  );

  /** A source tracker without its number would track nothing. */
  async function refuseLast(number: TrackingNumber): Promise<void> {
    if ((await store.tracker(number.tracker_id))?.type !== 'source') return;
    throw new Problem('conflict', 'A source tracker needs its number; retire the tracker instead.');
  }
}
