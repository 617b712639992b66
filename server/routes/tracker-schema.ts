import { z } from 'zod';
import { arrivalMatch, oneOrMore, shownMatch, shownTexts } from './match-schema.js';
import { e164, id, name, whole } from './schemas.js';

/** A number once, in the order given. */
const numbers = (max: number) =>
  z
    .array(e164)
    .max(max)
    .transform((list) => [...new Set(list)]);

const seconds = z
  .number()
  .int()
  .min(1)
  .max(30 * 86_400);

const fields = {
  name: name(),
  targets: numbers(100),
  destination: e164,
  numbers: numbers(100_000),
  match: z
    .object({ ...arrivalMatch, channel: oneOrMore })
    .partial()
    .strict(),
  priority: z.number().int().min(-1_000_000).max(1_000_000),
  reservation_seconds: seconds,
  min_reservation_seconds: seconds,
  attribution_days: z.number().int().min(1).max(730),
  source: whole(200).nullable(),
  medium: whole(200).nullable(),
  campaign: whole(200).nullable(),
};

/** What makes a tracker. */
export const createTrackerBody = z.strictObject({
  ...fields,
  site_id: id.optional(),
  type: z.enum(['session', 'source']),
  targets: fields.targets.default([]),
  numbers: fields.numbers.default([]),
  match: fields.match.default({}),
  priority: fields.priority.default(100),
  reservation_seconds: seconds.default(1800),
  min_reservation_seconds: seconds.optional(),
  attribution_days: fields.attribution_days.default(30),
  source: fields.source.default(null),
  medium: fields.medium.default(null),
  campaign: fields.campaign.default(null),
});

/** A tracker as it is shown. */
export const trackerSchema = z.object({
  id: z.uuid(),
  site_id: z.uuid(),
  name: z.string(),
  type: z.enum(['session', 'source']),
  targets: z.array(z.string()),
  destination: z.string(),
  numbers: z.array(z.string()),
  match: z.object({ ...shownMatch, channel: shownTexts }),
  priority: z.number().int(),
  reservation_seconds: z.number().int(),
  min_reservation_seconds: z.number().int(),
  attribution_days: z.number().int(),
  source: z.string().nullable(),
  medium: z.string().nullable(),
  campaign: z.string().nullable(),
  created_at: z.iso.datetime(),
  retired_at: z.iso.datetime().nullable(),
});

/** What changes one; what is left out stays. */
export const patchTrackerBody = z.strictObject(fields).partial();
