import { z } from 'zod';
import { currency } from './currency.js';
import { text } from './schemas.js';

/** As long as sessions keep them, and cleaned as theirs are: else they would not meet in a report. */
const called = text(512);

const perhaps = called.nullish().transform((value) => value ?? '');

const count = z
  .number('is not a whole number')
  .int('is not a whole number')
  .min(0)
  .max(1e12)
  .nullish()
  .transform((value) => value ?? null);

export const MOST_COSTS = 10_000;

/** A day as `2026-10-31`; long ago is a slip of the pen. */
export const day = z.iso
  .date('is not a date, like 2026-10-31')
  .refine((date) => date >= '2000-01-01', { message: 'is before 2000-01-01' });

export const costRow = z.strictObject({
  date: day.describe("A day by the site's clock"),
  source: called.refine((value) => value !== '', { message: 'must not be empty' }),
  medium: called.describe('May be empty'),
  campaign: perhaps,
  keyword: perhaps,
  cost: z
    .number('is not a number, like 1234.56')
    .min(0)
    .max(1e11)
    .describe('Kept to the hundredth of a cent'),
  currency: currency.optional().describe("The site's; any other is refused"),
  clicks: count,
  impressions: count,
});

export const costRows = z.array(costRow).max(MOST_COSTS, `are more than ${MOST_COSTS}`);

/** A cost as it is shown; null where there is none. */
export const costSchema = z.object({
  site_id: z.uuid(),
  date: z.iso.date(),
  source: z.string(),
  medium: z.string().nullable(),
  campaign: z.string().nullable(),
  keyword: z.string().nullable(),
  cost: z.number(),
  currency: z.string(),
  clicks: z.number().int().nullable(),
  impressions: z.number().int().nullable(),
  channel: z
    .string()
    .nullable()
    .describe('That of a session with this source, medium and campaign; null: not derived yet'),
  updated_at: z.iso.datetime(),
});
