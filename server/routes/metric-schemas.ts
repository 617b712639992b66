import { z } from 'zod';
import { MODELS } from './report-query.js';

const part = z.number().describe('Whole, but with a model that shares calls between touches');
const count = z.number().int();
const countOrNull = z.number().int().nullable();
const ratio = z.number().nullable();

const metrics = {
  sessions: count.describe('Visits that began in the period, under their own source'),
  calls: part,
  unique_calls: part.describe(
    'Callers, each once; a withheld number counts as one caller a call. With unique_days: calls whose caller had not called in so many days',
  ),
  answered_calls: part,
  missed_calls: part.describe('missed, busy, failed, voicemail'),
  first_time_callers: part,
  qualified_calls: part.describe("Answered, and talked for at least the site's qualified_seconds"),
  unknown_calls: part.describe('Calls that are credited to nobody'),
  average_duration: ratio.describe('Seconds, of the calls that have ended'),
  leads: count.describe(
    'People who asked for contact by call or form, each once: by phone number, else by visitor. Not those of calls and forms marked not_a_lead, or of spam',
  ),
  value: z.number().describe('Of calls and forms'),
  cost: ratio.describe('Of the days that begin in the period; null: costs are not told by what is asked for'),
  clicks: countOrNull,
  impressions: countOrNull,
  cost_per_call: ratio,
  cost_per_qualified_call: ratio,
  cost_per_lead: ratio,
  roi: ratio.describe('(value - cost) / cost'),
  unique_calls_share: ratio.describe(
    'Of the unique calls in total_results, 0 to 1; a caller in several groups counts in each, so shares may make more than 1',
  ),
  leads_share: ratio.describe('Of the leads in total_results, likewise'),
};

const compared = {
  ...metrics,
  previous: z.object(metrics).optional().describe('With compare=previous: of the time before'),
};

const named = {
  start_date: z.string().describe('A bare date, or a date-time where one was asked for'),
  end_date: z.string(),
  time_zone: z.string(),
  attribution: z.enum(MODELS),
  previous_period: z.object({ start_date: z.string(), end_date: z.string() }).optional(),
  total_results: z.object(compared),
};

const textOrNull = z.string().nullable().optional();

export const summarySchema = z.object({
  ...named,
  grouped_by: z.array(z.string()),
  total_groups: count.describe('How many there are, of which `limit` are shown'),
  grouped_results: z.array(
    z
      .object({
        source: textOrNull,
        medium: textOrNull,
        campaign: textOrNull,
        keyword: textOrNull,
        content: textOrNull,
        channel: textOrNull,
        landing_page: textOrNull,
        referrer_domain: textOrNull,
        device: textOrNull,
        site: textOrNull.describe('Its id'),
        tracker: textOrNull.describe('Its id; sessions have none'),
        day: z.string().optional(),
        hour: count.optional().describe('Of the day, 0 to 23'),
        weekday: count.optional().describe('1 to 7 from Monday'),
        ...compared,
      })
      // Landing parameters, by their names.
      .catchall(z.union([z.string(), z.null()])),
  ),
});

export const timeseriesSchema = z.object({
  ...named,
  interval: z.enum(['hour', 'day', 'week', 'month']),
  data: z.array(
    z.object({
      key: z
        .string()
        .describe(
          '2026-10-25T02:00:00+01:00 (hour) · 2026-10-25 (day) · 2026-W43 (ISO week) · 2026-10 (month)',
        ),
      ...compared,
    }),
  ),
});

export const METRIC_COLUMNS = Object.keys(metrics) as (keyof typeof metrics)[];
