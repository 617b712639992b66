import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { LiveEvent } from '../domain/reports/live.js';
import { accessOf, keyHashOf, may, sees } from '../domain/settings/access.js';
import { Problem } from '../lib/errors.js';
import type { ChangePosition } from '../stores/call-changes.js';
import type { App } from './app-types.js';
import { createEventStream } from './event-stream.js';
import { id, keyProblems, problem } from './schemas.js';
import type { Services } from './services.js';

const MOST_OF_A_KEY = 10;
const HEARTBEAT_MS = 15_000;
const RETRY_MS = 2_000;

const streamQuery = z.strictObject({
  site_id: id.optional().describe('Only calls of this site; none: of all that the key may see'),
  last_event_id: z
    .string()
    .max(64)
    .optional()
    .describe('For clients that cannot send the header `Last-Event-ID`, which goes before it'),
});

const DESCRIPTION = `Server-sent events, as EventSource and others read them:

- \`started\`: the call came in. \`attributed\`: it was decided whose it is, or decided anew. \`ended\`. \`updated\`: anything else that the list of calls shows, such as tags, note, value or a recording.
- \`data\` is the call as the list shows it, as it is when the event is sent.
- \`id\` is where to go on: a client that comes back with it as \`Last-Event-ID\` is sent what it missed, of the last three days; now and then also an event that it has had already. Without it the stream begins now.
- A comment every 15 seconds shows that the connection lives. A client that does not read is dropped, and comes back.
- At most ${MOST_OF_A_KEY} streams of a key at one server (429), which ends them when it stops.`;

const EXAMPLE = `retry: 2000

id: 81234-0

id: 81240-17
event: started
data: {"id":"0199d7a2-6f5c-7c11-8a63-0f6de2f0a1b2","status":"in_progress","source":"google",…}

: alive

`;

const idOf = ({ transaction, id }: ChangePosition): string => `${transaction}-${id}`;

/** Where a client goes on; null: it has not been here before. */
function positionOf(given: string | undefined): ChangePosition | null {
  if (!given) return null;
  const [, transaction, id] = /^(\d{1,18})-(\d{1,18})$/.exec(given) ?? [];
  if (transaction && id) return { transaction, id };
  throw new Problem('invalid_request', 'The id is not one of an event of this stream.', [
    { path: 'last_event_id', message: 'is not an id of this stream' },
  ]);
}

/** Whether the key of a request is still good. */
const isStillGood = ({ settings, adminKeyHash }: Services, { headers }: FastifyRequest): Promise<boolean> =>
  accessOf(settings, adminKeyHash, headers.authorization).then(
    (access) => may(access, 'reports:read'),
    (error) => !(error instanceof Problem),
  );

/** Calls as they happen. */
export async function callsStreamRoutes(app: App, services: Services): Promise<void> {
  /** How many streams each key has open, by the key's hash. */
  const open = new Map<string, number>();

  app.addHook('preClose', async () => services.live.close());

  app.get(
    '/v1/calls/stream',
    {
      // A HEAD would wait for the end of what has none.
      exposeHeadRoute: false,
      schema: {
        tags: ['reports'],
        summary: 'Calls as they happen, as server-sent events',
        description: DESCRIPTION,
        querystring: streamQuery,
        response: {
          200: {
            description: 'Events without end',
            content: { 'text/event-stream': { schema: z.string().meta({ examples: [EXAMPLE] }) } },
          },
          ...keyProblems,
          404: problem,
          429: problem,
          503: problem,
        },
      },
    },
    async (request, reply) => {
      const { site_id, last_event_id } = request.query;
      const { access, headers } = request;
      if (site_id !== undefined && !(sees(access, site_id) && services.settings.siteById(site_id))) {
        throw new Problem('not_found', 'There is no such site.');
      }
      const lastEventId = headers['last-event-id'];
      const after = positionOf((Array.isArray(lastEventId) ? lastEventId[0] : lastEventId) || last_event_id);

      const key = keyHashOf(headers.authorization) ?? '';
      const count = open.get(key) ?? 0;
      if (count >= MOST_OF_A_KEY) {
        throw new Problem('rate_limited', `This key has ${MOST_OF_A_KEY} streams open.`, undefined, 15);
      }
      open.set(key, count + 1);
      const give = () => {
        const left = (open.get(key) ?? 1) - 1;
        if (left > 0) open.set(key, left);
        else open.delete(key);
      };
      try {
        const stream = createEventStream(RETRY_MS);
        const { from, leave } = await services.live.watch(
          {
            siteId: site_id ?? access.siteId,
            tell: ({ position, type, call }: LiveEvent) =>
              stream.send({ id: idOf(position), type, data: call }),
            room: stream.room,
            end: stream.end,
          },
          after,
        );
        stream.send({ id: idOf(from) });
        const beat = setInterval(async () => {
          if (stream.isStuck()) return void stream.body.destroy();
          stream.comment('alive');
          if (!(await isStillGood(services, request))) stream.end();
        }, HEARTBEAT_MS);
        stream.body.once('close', () => {
          clearInterval(beat);
          leave();
          give();
        });
        // The client may have left before it could be told to.
        if (reply.raw.destroyed) stream.body.destroy();
        reply.header('content-type', 'text/event-stream; charset=utf-8');
        reply.header('cache-control', 'no-store');
        reply.header('x-accel-buffering', 'no');
        return reply.send(stream.body as never);
      } catch (error) {
        give();
        throw error;
      }
    },
  );
}
