import { z } from 'zod';

const count = z.number().int();
const erlangs = z.number();
const share = z.number().nullable();
const seconds = z.coerce
  .number()
  .int()
  .min(1)
  .max(30 * 86_400)
  .optional();

/** Another size to ask about; what is left out is as it is. */
export const whatIfQuery = z.strictObject({
  numbers: z.coerce.number().int().min(0).max(100_000).optional().describe('What if it had so many numbers'),
  reservation_seconds: seconds.describe('What if numbers were kept for so long'),
  min_reservation_seconds: seconds.describe('What if a short pool kept them for so long'),
});

/** What is expected of a size. */
const needs = {
  mean_hold_seconds: z
    .number()
    .nullable()
    .describe('For which a session keeps a number from all others: its visit and min_reservation_seconds'),
  peak_offered_load: erlangs.describe('Of the busiest hour, in Erlangs'),
  numbers_for_1_percent: count
    .nullable()
    .describe(
      'With so many numbers 1 % of the sessions would get none (Erlang B). null: no arrivals, or above 100,000',
    ),
  numbers_for_0_1_percent: count.nullable().describe('With so many, 0.1 %'),
};

const observedAndExpected = (what: string) =>
  z
    .object({ observed: share, expected: share.describe('Of the numbers and windows that it has now') })
    .describe(what);

export const poolSchema = z.object({
  numbers: count.describe('Numbers in use, whoever holds them'),
  leased: count.describe('Held by a visitor now'),
  elastic: count.describe("Of the leased: on a lease that cut another visitor's rest short"),
  free: count.describe('Held by nobody, and reserved for nobody'),
  retired: count.describe('No longer leased, but calls to them are still taken'),
  reclaimed: count.describe('Leases that were cut short in the last 24 hours'),
  refused: count.describe('Times in the last 24 hours that a visitor asked and the pool had none'),
  reservation_seconds: count,
  min_reservation_seconds: count,
  start: z.iso
    .datetime()
    .describe('What follows is of the last 7 days: whole hours, and the one that has begun'),
  end: z.iso.datetime(),
  arrivals: count.describe('Sessions that wanted a number of this tracker, each once'),
  blocked: count.describe('Of these, those that never got one'),
  mean_visit_seconds: z.number().nullable().describe('From the first sign to the last; null: no visits'),
  ...needs,
  blocked_share: observedAndExpected('Of the arrivals: those that got no number. null: no arrivals'),
  cut_short_share: observedAndExpected('Of the leases: those cut short for another visitor. null: no leases'),
  what_if: z
    .object({
      numbers: count,
      reservation_seconds: count,
      min_reservation_seconds: count,
      ...needs,
      blocked_share: share,
      cut_short_share: share,
    })
    .nullable()
    .describe('What would be expected of what the query names, of the same arrivals; null: it names nothing'),
  hours: z
    .array(
      z.object({
        hour: z.iso.datetime().describe('Its begin'),
        arrivals: count,
        blocked: count,
        offered_load: erlangs.describe(
          'Erlangs: numbers that would be held at once if there were enough, those from hours before included',
        ),
      }),
    )
    .describe('Oldest first; the last one has only begun'),
});
