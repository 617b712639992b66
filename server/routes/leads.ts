import { z } from 'zod';
import { askOf } from '../domain/reports/ask.js';
import { changeLead, everyLead, listLeads, visibleLead } from '../domain/reports/leads.js';
import { asJson } from '../lib/json.js';
import type { App } from './app-types.js';
import { callPatch } from './call-patch.js';
import { csvStream } from './csv.js';
import { wantsCsv } from './csv-table.js';
import { cursorOf, readCursor } from './cursor.js';
import { pathId } from './path-id.js';
import { filterQuery, oneOf } from './report-query.js';
import { callSchema } from './report-schemas.js';
import { keyProblems, pageQuery, problem } from './schemas.js';
import type { Services } from './services.js';

const TYPES = ['form', 'chat', 'callback'] as const;
const tags = ['reports'];
const params = z.object({ id: z.string() });

const listQuery = filterQuery
  .pick({ site_id: true, start_date: true, end_date: true, time_zone: true })
  .extend({ ...pageQuery.shape, type: oneOf(TYPES) });

/** As of calls. */
const leadPatch = callPatch.pick({ value: true, lead_status: true });

const leadSchema = z.object({
  id: z.uuid(),
  site_id: z.uuid(),
  type: z.enum(TYPES),
  created_at: z.iso.datetime(),
  name: z.string().nullable(),
  phone: z.string().nullable().describe('As it was written'),
  email: z.string().nullable(),
  fields: z.record(z.string(), z.string()).describe('What else the form said'),
  page_url: z.string().nullable().describe('The page that it was sent from'),
  visitor_id: z.uuid().nullable().describe('null: without consent'),
  session_id: z.uuid().nullable(),
  source: z.string().describe('Of the session, as medium and campaign; `(unknown)` where there is none'),
  medium: z.string().nullable(),
  campaign: z.string().nullable(),
  value: callSchema.shape.value.describe("In the site's currency"),
  lead_status: callSchema.shape.lead_status,
});

const COLUMNS = Object.keys(leadSchema.shape);

/** Leads as marketers read them. */
export async function leadsReadRoutes(app: App, services: Services): Promise<void> {
  app.get(
    '/v1/leads',
    {
      schema: {
        tags,
        summary: 'Leads by form, chat and callback, newest first; as CSV all of them from the cursor on',
        querystring: listQuery,
        response: {
          200: z.object({ leads: z.array(leadSchema), next_cursor: z.string().nullable() }),
          ...keyProblems,
          404: problem,
        },
      },
    },
    async (request, reply) => {
      const { per_page, cursor, format, site_id, start_date, end_date, time_zone, type } = request.query;
      const after = readCursor(cursor);
      const ask = await askOf(services, request.access, {
        siteId: site_id,
        startDate: start_date,
        endDate: end_date,
        timeZone: time_zone,
        types: type,
      });
      reply.header('vary', 'accept');
      if (wantsCsv(request, { format })) {
        const leads = await everyLead(services, ask, after);
        reply.header('content-type', 'text/csv; charset=utf-8');
        reply.header('content-disposition', 'attachment; filename="leads.csv"');
        return reply.send(csvStream(leads, COLUMNS) as never);
      }
      const { leads, next } = await listLeads(services, ask, { after, limit: per_page });
      return asJson({ leads, next_cursor: next && cursorOf(next) });
    },
  );

  app.get(
    '/v1/leads/:id',
    {
      schema: {
        tags,
        summary: 'A lead',
        params,
        response: { 200: leadSchema, ...keyProblems, 404: problem },
      },
    },
    async (request) => asJson(await visibleLead(services, request.access, pathId(request.params.id, 'lead'))),
  );
}

/** What people write on leads. */
export async function leadsPatchRoutes(app: App, services: Services): Promise<void> {
  app.patch(
    '/v1/leads/:id',
    {
      schema: {
        tags,
        summary: 'Value, lead status; what is left out stays, null clears',
        params,
        body: leadPatch,
        response: { 200: leadSchema, ...keyProblems, 404: problem },
      },
    },
    async (request) => {
      const id = pathId(request.params.id, 'lead');
      return asJson(await changeLead(services, request.access, id, request.body));
    },
  );
}
