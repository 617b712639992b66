import { z } from 'zod';
import { type Access, sees } from '../domain/settings/access.js';
import { checkTracker } from '../domain/settings/check-tracker.js';
import { Problem } from '../lib/errors.js';
import { isId, newId } from '../lib/ids.js';
import { asJson } from '../lib/json.js';
import type { Tracker } from '../stores/settings.js';
import type { App } from './app-types.js';
import { sendTable, wantsCsv } from './csv-table.js';
import { forget } from './forget.js';
import { listOf, pageOf } from './list.js';
import { id, keyProblems, pageQuery, problem, problemOf } from './schemas.js';
import type { Services } from './services.js';
import { visibleSite } from './sites.js';
import { createTrackerBody, patchTrackerBody, trackerSchema } from './tracker-schema.js';

/** A pool of 100,000 numbers is a body of 1.6 MB. */
const bodyLimit = 4 * 1024 * 1024;

const COLUMNS = Object.keys(trackerSchema.shape);

const params = z.object({ id });
const tags = ['admin'];
const DEFAULT_MIN_RESERVATION = 300;

const numbersOf = (tracker_id: string, numbers: string[]) =>
  numbers.map((number) => ({ number, tracker_id }));

const shown = ({ pool_version, ...tracker }: Tracker) => asJson(tracker);

/** A tracker in use that the key may see. */
export async function visibleTracker(
  services: Services,
  access: Access,
  trackerId: string,
): Promise<Tracker> {
  const tracker = await services.settingsStore.tracker(trackerId);
  if (!tracker || tracker.retired_at || !sees(access, tracker.site_id)) {
    throw new Problem('not_found', 'There is no such tracker.');
  }
  return tracker;
}

/** Trackers, with their pools of numbers. */
export function trackerRoutes(app: App, services: Services): void {
  const { settingsStore: store, settings } = services;

  app.post(
    '/v1/trackers',
    {
      bodyLimit,
      schema: {
        tags,
        summary: 'Make a tracker',
        body: createTrackerBody,
        response: { 201: trackerSchema, ...keyProblems, 404: problem, 409: problemOf('number_in_use') },
      },
    },
    async (request, reply) => {
      const siteId = request.body.site_id ?? request.access.siteId;
      if (!siteId)
        throw new Problem('invalid_request', 'Which site?', [{ path: 'site_id', message: 'is missing' }]);
      const site = await visibleSite(services, request.access, siteId);
      const wanted = {
        ...request.body,
        id: newId(),
        site_id: site.id,
        min_reservation_seconds:
          request.body.min_reservation_seconds ??
          Math.min(DEFAULT_MIN_RESERVATION, request.body.reservation_seconds),
      };
      checkTracker(wanted);
      const tracker = await store.createTracker(wanted);
      await settings.refresh(site.id);
      return reply.code(201).send(shown(tracker));
    },
  );

  app.get(
    '/v1/trackers',
    {
      schema: {
        tags,
        summary: 'List trackers',
        querystring: pageQuery.extend({ site_id: id.optional() }),
        response: {
          200: z.object({ trackers: z.array(trackerSchema), next_cursor: z.string().nullable() }),
          ...keyProblems,
          404: problem,
        },
      },
    },
    async (request, reply) => {
      const { site_id } = request.query;
      if (site_id) await visibleSite(services, request.access, site_id);
      const rows = await store.listTrackers(pageOf(request.query, isId), site_id ?? request.access.siteId);
      const { page, next_cursor } = listOf(rows, request.query.per_page, (tracker) => tracker.id);
      const trackers = page.map(shown);
      if (wantsCsv(request, request.query)) return sendTable(reply, COLUMNS, trackers, next_cursor) as never;
      return { trackers, next_cursor };
    },
  );

  app.get(
    '/v1/trackers/:id',
    {
      schema: {
        tags,
        summary: 'One tracker',
        params,
        response: { 200: trackerSchema, ...keyProblems, 404: problem },
      },
    },
    async (request) => shown(await visibleTracker(services, request.access, request.params.id)),
  );

  app.patch(
    '/v1/trackers/:id',
    {
      bodyLimit,
      schema: {
        tags,
        summary: 'Change a tracker; numbers, if given, replace the list',
        params,
        body: patchTrackerBody,
        response: { 200: trackerSchema, ...keyProblems, 404: problem, 409: problemOf('number_in_use') },
      },
    },
    async (request) => {
      const before = await visibleTracker(services, request.access, request.params.id);
      checkTracker({ ...before, ...request.body });
      const tracker = await store.updateTracker(before.id, request.body);
      if (!tracker) throw new Problem('not_found', 'There is no such tracker.');
      await settings.refresh(tracker.site_id);
      const kept = new Set(tracker.numbers);
      const gone = before.numbers.filter((number) => !kept.has(number));
      await forget(services, numbersOf(tracker.id, gone));
      return shown(tracker);
    },
  );

  app.delete(
    '/v1/trackers/:id',
    {
      schema: {
        tags,
        summary: 'Retire a tracker; calls to its numbers are still routed for a while',
        params,
        response: { 204: z.null(), ...keyProblems, 404: problem },
      },
    },
    async (request, reply) => {
      const tracker = await visibleTracker(services, request.access, request.params.id);
      await store.retireTracker(tracker.id);
      await settings.refresh(tracker.site_id);
      await forget(services, numbersOf(tracker.id, tracker.numbers));
      return reply.code(204).send(null);
    },
  );
}
