import { z } from 'zod';
import { poolOf } from '../domain/leasing/pool.js';
import { type Access, sees } from '../domain/settings/access.js';
import { Problem } from '../lib/errors.js';
import { isId, newId } from '../lib/ids.js';
import { asJson } from '../lib/json.js';
import type { Tracker } from '../stores/settings.js';
import type { App } from './app-types.js';
import { sendTable, wantsCsv } from './csv-table.js';
import { listOf, pageOf } from './list.js';
import { e164, id, keyProblems, name, pageQuery, problem, text } from './schemas.js';
import type { Services } from './services.js';
import { visibleSite } from './sites.js';

/** A number once, in the order given. */
const numbers = (max: number) =>
  z
    .array(e164)
    .max(max)
    .transform((list) => [...new Set(list)]);

const oneOrMore = z.union([text(200), z.array(text(200)).min(1).max(100)]);
const seconds = z
  .number()
  .int()
  .min(1)
  .max(30 * 86_400);

const fields = {
  name: name(),
  targets: numbers(100),
  destination: e164,
  numbers: numbers(100_000),
  match: z
    .object({
      source: oneOrMore,
      medium: oneOrMore,
      campaign: oneOrMore,
      channel: oneOrMore,
      landing_page: oneOrMore,
      referrer_domain: oneOrMore,
    })
    .partial()
    .strict(),
  priority: z.number().int().min(-1_000_000).max(1_000_000),
  reservation_seconds: seconds,
  min_reservation_seconds: seconds,
  attribution_days: z.number().int().min(1).max(730),
  source: text(200).nullable(),
  medium: text(200).nullable(),
  campaign: text(200).nullable(),
};

const createBody = z.object({
  ...fields,
  site_id: id.optional(),
  type: z.enum(['session', 'source']),
  targets: fields.targets.default([]),
  numbers: fields.numbers.default([]),
  match: fields.match.default({}),
  priority: fields.priority.default(100),
  reservation_seconds: seconds.default(1800),
  min_reservation_seconds: seconds.optional(),
  attribution_days: fields.attribution_days.default(30),
  source: fields.source.default(null),
  medium: fields.medium.default(null),
  campaign: fields.campaign.default(null),
});

const texts = z.union([z.string(), z.array(z.string())]).optional();
const trackerSchema = z.object({
  id: z.uuid(),
  site_id: z.uuid(),
  name: z.string(),
  type: z.enum(['session', 'source']),
  targets: z.array(z.string()),
  destination: z.string(),
  numbers: z.array(z.string()),
  match: z.object({
    source: texts,
    medium: texts,
    campaign: texts,
    channel: texts,
    landing_page: texts,
    referrer_domain: texts,
  }),
  priority: z.number().int(),
  reservation_seconds: z.number().int(),
  min_reservation_seconds: z.number().int(),
  attribution_days: z.number().int(),
  source: z.string().nullable(),
  medium: z.string().nullable(),
  campaign: z.string().nullable(),
  created_at: z.iso.datetime(),
  retired_at: z.iso.datetime().nullable(),
});

/** A pool of 100,000 numbers is a body of 1.6 MB. */
const bodyLimit = 4 * 1024 * 1024;

const params = z.object({ id });
const tags = ['admin'];
const DEFAULT_MIN_RESERVATION = 300;

const shown = ({ pool_version, ...tracker }: Tracker) => asJson(tracker);

/** What no schema of single fields can say: how a tracker's fields must fit each other. */
function checkTracker(tracker: Omit<Tracker, 'pool_version' | 'created_at' | 'retired_at'>): void {
  const errors: { path: string; message: string }[] = [];
  if (tracker.type === 'source' && tracker.numbers.length !== 1) {
    errors.push({ path: 'numbers', message: 'a source tracker has exactly one number' });
  }
  if (tracker.type === 'source' && !tracker.source) {
    errors.push({ path: 'source', message: 'a source tracker says what its calls are credited to' });
  }
  if (tracker.type === 'session' && tracker.targets.length === 0) {
    errors.push({ path: 'targets', message: 'a session tracker replaces at least one number' });
  }
  if (tracker.min_reservation_seconds > tracker.reservation_seconds) {
    errors.push({ path: 'min_reservation_seconds', message: 'is more than reservation_seconds' });
  }
  const own = new Set(tracker.numbers);
  if (tracker.targets.some((target) => own.has(target))) {
    errors.push({ path: 'targets', message: 'a tracking number cannot stand for itself' });
  }
  if (own.has(tracker.destination)) {
    errors.push({ path: 'destination', message: 'calls would be forwarded to the number they came in on' });
  }
  if (errors.length > 0) throw new Problem('invalid_request', 'The tracker does not fit together.', errors);
}

async function visibleTracker(services: Services, access: Access, trackerId: string): Promise<Tracker> {
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
        body: createBody,
        response: { 201: trackerSchema, ...keyProblems, 404: problem, 409: problem },
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
      if (wantsCsv(request, request.query)) return sendTable(reply, trackers, next_cursor) as never;
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
        body: z.object(fields).partial(),
        response: { 200: trackerSchema, ...keyProblems, 404: problem, 409: problem },
      },
    },
    async (request) => {
      const before = await visibleTracker(services, request.access, request.params.id);
      checkTracker({ ...before, ...request.body });
      const tracker = await store.updateTracker(before.id, request.body);
      if (!tracker) throw new Problem('not_found', 'There is no such tracker.');
      await settings.refresh(tracker.site_id);
      const kept = new Set(tracker.numbers);
      await forget(
        before.id,
        before.numbers.filter((number) => !kept.has(number)),
      );
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
      await forget(tracker.id, tracker.numbers);
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/v1/trackers/:id/pool',
    {
      schema: {
        tags,
        summary: 'How full the pool is',
        params,
        response: {
          200: z.object({
            numbers: z.number().int(),
            leased: z.number().int(),
            free: z.number().int(),
            retired: z.number().int(),
            reservation_seconds: z.number().int(),
            min_reservation_seconds: z.number().int(),
          }),
          ...keyProblems,
          404: problem,
        },
      },
    },
    async (request) => {
      const tracker = await visibleTracker(services, request.access, request.params.id);
      const counts = await services.leases.inspect(poolOf(tracker));
      return {
        ...counts,
        retired: await store.countRetired(tracker.id),
        reservation_seconds: tracker.reservation_seconds,
        min_reservation_seconds: tracker.min_reservation_seconds,
      };
    },
  );

  /** Tells the lease store at once; were it away, the lease history would refuse these numbers all the same. */
  async function forget(trackerId: string, gone: string[]): Promise<void> {
    for (const number of gone)
      await services.leases.retire(trackerId, number).catch(services.browser.onLeaseFailure);
  }
}
