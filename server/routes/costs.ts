import { z } from 'zod';
import { importCosts } from '../domain/reports/costs.js';
import type { Access } from '../domain/settings/access.js';
import { Problem } from '../lib/errors.js';
import { asJson } from '../lib/json.js';
import type { CostKey, StoredCost } from '../stores/costs.js';
import type { App } from './app-types.js';
import { lineOf, readCostsCsv } from './cost-csv.js';
import { costRows, costSchema, day } from './cost-schema.js';
import { sendTable, wantsCsv } from './csv-table.js';
import { readJsonCursor } from './cursor.js';
import { id, keyProblems, pageQuery, problem, text } from './schemas.js';
import type { Services } from './services.js';
import { visibleSite } from './sites.js';

/** 10,000 costs with long names. */
const bodyLimit = 8 * 1024 * 1024;

const tags = ['reports'];
const COLUMNS = Object.keys(costSchema.shape);

const SCOPE = 'Scope calls:write, as for what people write on calls.';

/** The names of a cost are up to 512 characters each. */
const key = z.tuple([z.uuid(), day, text(512), text(512), text(512), text(512)]);
const longPageQuery = pageQuery.extend({ cursor: z.string().max(12_000).optional() });

const cursorOf = (cost: CostKey) =>
  Buffer.from(
    JSON.stringify([cost.site_id, cost.date, cost.source, cost.medium, cost.campaign, cost.keyword]),
    'utf8',
  ).toString('base64url');

function readKey(cursor: string | undefined): CostKey | null {
  if (cursor === undefined) return null;
  const [site_id, date, source, medium, campaign, keyword] = readJsonCursor(cursor, key);
  return { site_id, date, source, medium, campaign, keyword };
}

const shown = (cost: StoredCost) =>
  asJson({
    ...cost,
    medium: cost.medium || null,
    campaign: cost.campaign || null,
    keyword: cost.keyword || null,
  });

/** The site that is meant: the one that is named, or the one that the key is bound to. */
async function siteOf(services: Services, access: Access, named: string | undefined) {
  const siteId = named ?? access.siteId;
  if (!siteId)
    throw new Problem('invalid_request', 'Which site?', [{ path: 'site_id', message: 'is missing' }]);
  return visibleSite(services, access, siteId);
}

/** Costs as they are told. */
export function costsWriteRoutes(app: App, services: Services): void {
  app.addContentTypeParser(
    'text/csv',
    { parseAs: 'string' },
    async (request: { lines: number[] | null }, body: string) => {
      const { costs, lines } = readCostsCsv(body);
      request.lines = lines;
      return { costs };
    },
  );

  app.post(
    '/v1/costs',
    {
      bodyLimit,
      schema: {
        tags,
        summary: 'Tell what was spent; the same day and key again replaces',
        description: `${SCOPE} All rows are stored or none. As text/csv the first line names the columns, which are the fields of a cost, and the site is in the query.`,
        consumes: ['application/json', 'text/csv'],
        querystring: z.strictObject({ site_id: id.optional().describe('Where the body is CSV') }),
        body: z.strictObject({ site_id: id.optional(), costs: costRows }),
        response: {
          200: z.object({ saved: z.number().int().describe('How many rows') }),
          ...keyProblems,
          404: problem,
          409: problem,
        },
      },
    },
    async (request) => {
      const { site_id = request.query.site_id, costs } = request.body;
      const site = await siteOf(services, request.access, site_id);
      const { lines } = request;
      await importCosts(services.costs, site, costs, (at) =>
        lines ? lineOf(lines[at] ?? 0) : `costs.${at}`,
      );
      return { saved: costs.length };
    },
  );

  app.delete(
    '/v1/costs',
    {
      schema: {
        tags,
        summary: 'Delete the costs of some days',
        description: SCOPE,
        querystring: z.strictObject({
          site_id: id.optional().describe('None: the one that the key is bound to'),
          start_date: day,
          end_date: day.describe('Included'),
          source: text(512).optional(),
        }),
        response: { 204: z.null(), ...keyProblems, 404: problem },
      },
    },
    async (request, reply) => {
      const { site_id, start_date, end_date, source } = request.query;
      const site = await siteOf(services, request.access, site_id);
      await services.costs.remove({
        siteId: site.id,
        startDate: start_date,
        endDate: end_date,
        source: source ?? null,
      });
      return reply.code(204).send(null);
    },
  );
}

/** Costs as they were told. */
export function costsReadRoutes(app: App, services: Services): void {
  app.get(
    '/v1/costs',
    {
      schema: {
        tags,
        summary: 'List costs, by site, day and names',
        querystring: longPageQuery.extend({
          site_id: id.optional(),
          start_date: day.optional(),
          end_date: day.optional().describe('Included'),
          source: text(512).optional(),
        }),
        response: {
          200: z.object({ costs: z.array(costSchema), next_cursor: z.string().nullable() }),
          ...keyProblems,
          404: problem,
        },
      },
    },
    async (request, reply) => {
      const { site_id, start_date, end_date, source, per_page, cursor, format } = request.query;
      if (site_id) await visibleSite(services, request.access, site_id);
      const after = readKey(cursor);
      const rows = await services.costs.list(
        {
          siteId: site_id ?? request.access.siteId,
          startDate: start_date ?? null,
          endDate: end_date ?? null,
          source: source ?? null,
        },
        { after, limit: per_page + 1 },
      );
      const page = rows.slice(0, per_page);
      const last = rows.length > per_page ? page.at(-1) : undefined;
      const next_cursor = last ? cursorOf(last) : null;
      const costs = page.map(shown);
      if (wantsCsv(request, { format })) return sendTable(reply, COLUMNS, costs, next_cursor) as never;
      return { costs, next_cursor };
    },
  );
}
