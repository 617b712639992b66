import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { type Compared, summarize, timeseries } from '../domain/reports/summary.js';
import type { App } from './app-types.js';
import { csvText } from './csv.js';
import { wantsCsv } from './csv-table.js';
import { METRIC_COLUMNS, summarySchema, timeseriesSchema } from './metric-schemas.js';
import {
  countingOf,
  countingQuery,
  filtersAnd,
  formatQuery,
  groupingQuery,
  orderOf,
  questionOf,
} from './report-query.js';
import { keyProblems, problem } from './schemas.js';
import type { Services } from './services.js';

const summaryQuery = filtersAnd({ ...formatQuery, ...countingQuery, ...groupingQuery });
const timeseriesQuery = filtersAnd({
  ...formatQuery,
  ...countingQuery,
  interval: z.enum(['hour', 'day', 'week', 'month']).default('day'),
});

/** The figures of the time before in columns of their own. */
const lineOf = ({ previous, ...row }: Compared): object => ({
  ...row,
  ...(previous && Object.fromEntries(METRIC_COLUMNS.map((name) => [`previous_${name}`, previous[name]]))),
});

const sendCsv = (reply: FastifyReply, name: string, rows: Compared[], keys: string[], isCompared: boolean) =>
  reply
    .header('content-type', 'text/csv; charset=utf-8')
    .header('content-disposition', `attachment; filename="${name}.csv"`)
    .serializer((text: string) => text)
    .send(
      csvText(rows.map(lineOf), [
        ...keys,
        ...METRIC_COLUMNS,
        ...(isCompared ? METRIC_COLUMNS.map((name) => `previous_${name}`) : []),
      ]),
    );

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
      const { format, ...query } = request.query;
      const counting = countingOf(query);
      const order = orderOf(query, METRIC_COLUMNS);
      const summary = await summarize(
        services,
        request.access,
        questionOf(query),
        query.group_by,
        counting,
        order,
      );
      reply.header('vary', 'accept');
      if (wantsCsv(request, { format })) {
        return sendCsv(
          reply,
          'summary',
          summary.grouped_results,
          query.group_by,
          counting.comparesBefore,
        ) as never;
      }
      return summary as never;
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
      const { format, interval, ...query } = request.query;
      const counting = countingOf(query);
      const series = await timeseries(services, request.access, questionOf(query), interval, counting);
      reply.header('vary', 'accept');
      if (wantsCsv(request, { format })) {
        return sendCsv(reply, 'timeseries', series.data, ['key'], counting.comparesBefore) as never;
      }
      return series;
    },
  );
}
