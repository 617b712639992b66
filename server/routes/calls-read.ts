import { z } from 'zod';
import { askOf } from '../domain/reports/ask.js';
import { callWithJourney, changeCall, everyCall, listCalls, tagCalls } from '../domain/reports/calls.js';
import { asJson } from '../lib/json.js';
import type { ReportedCall } from '../stores/reports.js';
import type { App } from './app-types.js';
import { callPatch, taggedCalls, tagsOfCalls } from './call-patch.js';
import { csvStream } from './csv.js';
import { wantsCsv } from './csv-table.js';
import { cursorOf, readCursor } from './cursor.js';
import { pathId } from './path-id.js';
import { filtersAnd, questionOf } from './report-query.js';
import {
  CALL_COLUMNS,
  callSchema,
  callTouchSchema,
  decisionSchema,
  leaseSchema,
  pageViewSchema,
  sessionSchema,
} from './report-schemas.js';
import { keyProblems, pageQuery, problem } from './schemas.js';
import type { Services } from './services.js';

const listQuery = filtersAnd(pageQuery.shape);

/** A call as a line of CSV: of the attribution what fits into cells. */
const lineOf = ({ attribution, ...call }: ReportedCall) => ({
  ...call,
  attribution_method: attribution?.method,
  attribution_confidence: attribution?.confidence,
  attribution_reasons: attribution?.reasons.map(({ code }) => code),
});

async function* linesOf(calls: AsyncIterable<ReportedCall>) {
  for await (const call of calls) yield lineOf(call);
}

/** Calls as marketers read them. */
export async function callsReadRoutes(app: App, services: Services): Promise<void> {
  app.get(
    '/v1/calls',
    {
      schema: {
        tags: ['reports'],
        summary: 'Calls, newest first; as CSV all of them from the cursor on',
        querystring: listQuery,
        response: {
          200: z.object({ calls: z.array(callSchema), next_cursor: z.string().nullable() }),
          ...keyProblems,
          404: problem,
        },
      },
    },
    async (request, reply) => {
      const { per_page, cursor, format, ...filters } = request.query;
      const after = readCursor(cursor);
      const ask = await askOf(services, request.access, questionOf(filters));
      reply.header('vary', 'accept');
      if (wantsCsv(request, { format })) {
        const calls = await everyCall(services, ask, after);
        reply.header('content-type', 'text/csv; charset=utf-8');
        reply.header('content-disposition', 'attachment; filename="calls.csv"');
        return reply.send(csvStream(linesOf(calls), CALL_COLUMNS) as never);
      }
      const { calls, next } = await listCalls(services, ask, { after, limit: per_page });
      return asJson({ calls, next_cursor: next && cursorOf(next) });
    },
  );

  app.get(
    '/v1/calls/:id',
    {
      schema: {
        tags: ['reports'],
        summary: 'A call and how it came about',
        params: z.object({ id: z.string() }),
        response: {
          200: callSchema.extend({
            session: sessionSchema
              .nullable()
              .describe('The session that the decision names, credited or not'),
            touches: z
              .array(callTouchSchema)
              .describe(
                'Arrivals of the visitor whom the decision names, as they were at the call: the first of all, and those in the attribution window (at most the newest 200), oldest first',
              ),
            page_views: z
              .array(pageViewSchema)
              .describe(
                'Of the visitor within the attribution window until the call, at most 200, newest last',
              ),
            lease: leaseSchema.nullable(),
            decisions: z.array(decisionSchema).describe('All of them, newest first'),
          }),
          ...keyProblems,
          404: problem,
        },
      },
    },
    async (request) =>
      asJson(await callWithJourney(services, request.access, pathId(request.params.id, 'call'))),
  );
}

/** What people write on calls. */
export async function callsPatchRoutes(app: App, services: Services): Promise<void> {
  app.patch(
    '/v1/calls/:id',
    {
      schema: {
        tags: ['reports'],
        summary: 'Tags, note, value, lead status, name, spam; what is left out stays, null clears',
        params: z.object({ id: z.string() }),
        body: callPatch,
        response: { 200: callSchema, ...keyProblems, 404: problem },
      },
    },
    async (request) => {
      const id = pathId(request.params.id, 'call');
      return asJson(await changeCall(services, request.access, id, request.body));
    },
  );

  app.post(
    '/v1/calls/tags',
    {
      schema: {
        tags: ['reports'],
        summary: 'Tags of many calls at once, in one transaction',
        body: tagsOfCalls,
        response: { 200: taggedCalls, ...keyProblems },
      },
    },
    async (request) => {
      const { ids, ...change } = request.body;
      return { results: await tagCalls(services, request.access, ids, change) };
    },
  );
}
