import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { summarize, timeseries } from '../domain/reports/summary.js';
import type { App } from './app-types.js';
import { csvText } from './csv.js';
import { wantsCsv } from './csv-table.js';
import { filtersAnd, formatQuery, groupBy, questionOf } from './report-query.js';
import { METRIC_COLUMNS, summarySchema, timeseriesSchema } from './report-schemas.js';
import { keyProblems, problem } from './schemas.js';
import type { Services } from './services.js';

const summaryQuery = filtersAnd({ ...formatQuery, group_by: groupBy });
const timeseriesQuery = filtersAnd({
  ...formatQuery,
  interval: z.enum(['hour', 'day', 'week', 'month']).default('day'),
});

const sendCsv = (reply: FastifyReply, name: string, rows: object[], keys: string[]) =>
  reply
    .header('content-type', 'text/csv; charset=utf-8')
    .header('content-disposition', `attachment; filename="${name}.csv"`)
    .serializer((text: string) => text)
    .send(csvText(rows, [...keys, ...METRIC_COLUMNS]));

/** What calls and visits add up to. */
export async function reportRoutes(app: App, services: Services): Promise<void> {
  app.get(
    '/v1/calls/summary',
    {
      schema: {
        tags: ['reports'],
        summary: 'Calls and visits by where they came from; most calls first',
        querystring: summaryQuery,
        response: { 200: summarySchema, ...keyProblems, 404: problem },
      },
    },
    async (request, reply) => {
      const { format, group_by, ...filters } = request.query;
      const summary = await summarize(services, request.access, questionOf(filters), group_by);
      reply.header('vary', 'accept');
      if (wantsCsv(request, { format })) {
        return sendCsv(reply, 'summary', summary.grouped_results, group_by) as never;
      }
      return summary;
    },
  );

  app.get(
    '/v1/calls/timeseries',
    {
      schema: {
        tags: ['reports'],
        summary: 'Calls and visits over time; a row also where there was nothing',
        querystring: timeseriesQuery,
        response: { 200: timeseriesSchema, ...keyProblems, 404: problem },
      },
    },
    async (request, reply) => {
      const { format, interval, ...filters } = request.query;
      const series = await timeseries(services, request.access, questionOf(filters), interval);
      reply.header('vary', 'accept');
      if (wantsCsv(request, { format })) {
        return sendCsv(reply, 'timeseries', series.data, ['key']) as never;
      }
      return series;
    },
  );
}
