import { z } from 'zod';
import { receiveCode, receiveLater, receiveStart } from '../domain/calls/receive.js';
import { Problem } from '../lib/errors.js';
import { isDeeper } from '../lib/json.js';
import { parseCaller } from '../lib/phone.js';
import type { App } from './app-types.js';
import { attributionSchema } from './attribution-schema.js';
import { pathId } from './path-id.js';
import { e164, keyProblems, name, problem, problemOf, text, time } from './schemas.js';
import type { Services } from './services.js';

/** Forms send numbers as text; nothing else is one (`Number(null)` and `Number('')` would be 0). */
const seconds = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d{1,8}$/, 'is not a whole number of seconds')
      .transform(Number),
  ])
  .pipe(z.number().int().min(0).max(31_536_000));
/** Of the call's identity, as call_id: neither is cut, since two that begin alike are not one call. */
const provider = name(40)
  .refine((value) => /^[a-z0-9_-]+$/.test(value), { message: 'lower-case letters, digits, - and _' })
  .default('api');
/** A withheld caller is no error: the call counts, nobody is remembered by it. */
const caller = z.preprocess(
  (value) => (typeof value === 'string' ? parseCaller(value) : null),
  z.string().nullable(),
);

/** No provider sends more. */
const MAX_LEVELS = 20;

const startBody = z.object({
  call_id: name(128),
  to: e164,
  from: caller.optional().default(null),
  started_at: time.optional(),
  provider,
  caller_name: text(200).optional(),
  caller_city: text(200).optional(),
  caller_state: text(200).optional(),
  caller_country: text(200).optional(),
});

const endBody = z.object({
  call_id: name(128),
  provider,
  to: e164.optional(),
  status: z.enum(['answered', 'missed', 'busy', 'failed', 'voicemail']),
  duration: seconds,
  talk_time: seconds.optional(),
  ended_at: time.optional(),
  recording_url: z
    .string()
    .max(2048)
    .pipe(text(2048))
    .refine((url) => /^https?:/i.test(url) && URL.canParse(url), { message: 'is not an http or https URL' })
    .optional(),
  keypad: text(64).optional(),
});

const sessionSchema = z.object({
  id: z.uuid(),
  source: z.string(),
  medium: z.string(),
  campaign: z.string().nullable(),
  keyword: z.string().nullable(),
  content: z.string().nullable(),
  landing_page_url: z.string(),
  device_type: z.string(),
  started_at: z.iso.datetime(),
});

/** The calls of a provider that speaks our own dialect, or of glue that its customer wrote. */
export function callRoutes(app: App, services: Services): void {
  // Validation puts what it has read in the place of what was sent, and the event is kept with the latter.
  app.addHook('preValidation', async (request) => {
    if (isDeeper(request.body, MAX_LEVELS))
      throw new Problem('invalid_request', 'The body is nested too deep.');
    request.sent = request.body;
  });

  app.post(
    '/v1/calls/start',
    {
      schema: {
        tags: ['provider'],
        summary: 'A call came in: stored, joined to a visitor, routed',
        description:
          'While Postgres is away the event is kept on disk and the answer has the route, `attribution.method` `pending` and an id that is provisional: it becomes the id of the call unless the database knows the call already.',
        consumes: ['application/json', 'application/x-www-form-urlencoded'],
        body: startBody,
        response: {
          200: z.object({
            id: z.uuid(),
            call_id: z.string(),
            duplicate: z.boolean(),
            attribution: attributionSchema,
            session: sessionSchema.nullable(),
            route: z.object({ destination: z.string(), tracker_id: z.uuid() }),
          }),
          ...keyProblems,
          404: problemOf('unknown_number'),
          409: problemOf('call_mismatch'),
        },
      },
    },
    async (request) => {
      const { call_id, to, from, started_at, provider, ...caller } = request.body;
      const started = await receiveStart(services.calls, {
        provider,
        event: {
          type: 'start',
          call_id,
          to,
          from,
          started_at: started_at ?? null,
          caller: {
            name: caller.caller_name,
            city: caller.caller_city,
            state: caller.caller_state,
            country: caller.caller_country,
          },
        },
        body: request.sent,
        siteId: request.access.siteId,
      });
      const { session } = started;
      return {
        ...started,
        session: session && {
          id: session.id,
          source: session.source,
          medium: session.medium,
          campaign: session.campaign,
          keyword: session.term,
          content: session.content,
          landing_page_url: session.landing_page_url,
          device_type: session.device_type,
          started_at: session.started_at,
        },
      } as never;
    },
  );

  app.post(
    '/v1/calls/end',
    {
      schema: {
        tags: ['provider'],
        summary: 'How a call ended; may come late, twice, or before its start',
        consumes: ['application/json', 'application/x-www-form-urlencoded'],
        body: endBody,
        response: {
          200: z.object({ id: z.uuid().nullable(), call_id: z.string(), status: z.string() }),
          ...keyProblems,
          409: problemOf('call_mismatch'),
        },
      },
    },
    async (request) => {
      const { provider, to, talk_time, ended_at, recording_url, keypad, ...rest } = request.body;
      const call = await receiveLater(services.calls, {
        provider,
        event: {
          type: 'end',
          ...rest,
          to: to ?? null,
          talk_time: talk_time ?? null,
          ended_at: ended_at ?? null,
          recording_url: recording_url ?? null,
          keypad: keypad ?? null,
        },
        body: request.sent,
        siteId: request.access.siteId,
      });
      return { id: call?.id ?? null, call_id: rest.call_id, status: call?.status ?? rest.status };
    },
  );

  app.post(
    '/v1/calls/:id/code',
    {
      schema: {
        tags: ['provider'],
        summary: 'The caller gave a code that a page had shown them',
        consumes: ['application/json', 'application/x-www-form-urlencoded'],
        params: z.object({ id: z.string() }),
        body: z.object({ code: name(32) }),
        response: {
          200: z.object({ id: z.uuid(), attribution: attributionSchema }),
          ...keyProblems,
          404: problem,
        },
      },
    },
    async (request) => {
      const id = pathId(request.params.id, 'call');
      const attribution = await receiveCode(services.calls, {
        id,
        code: request.body.code,
        body: request.sent,
        access: request.access,
      });
      return { id, attribution } as never;
    },
  );
}
