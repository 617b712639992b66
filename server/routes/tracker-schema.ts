import { z } from 'zod';
import { e164, id, name, whole } from './schemas.js';

/** A number once, in the order given. */
const numbers = (max: number) =>
  z
    .array(e164)
    .max(max)
    .transform((list) => [...new Set(list)]);

const oneOrMoreOf = (one: ReturnType<typeof whole>) => z.union([one, z.array(one).min(1).max(100)]);
const oneOrMore = oneOrMoreOf(whole(200));
/** The begin of a path, so anything else would never fit. */
const paths = oneOrMoreOf(
  whole(200).refine((path) => path.startsWith('/'), { message: 'is not the begin of a path, like /prices' }),
);
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
    .object({
      source: oneOrMore,
      medium: oneOrMore,
      campaign: oneOrMore,
      channel: oneOrMore,
      landing_page: paths,
      referrer_domain: oneOrMore,
    })
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

const texts = z.union([z.string(), z.array(z.string())]).optional();
/** A tracker as it is shown. */
export const trackerSchema = z.object({
  id: z.uuid(),
  site_id: z.uuid(),
  name: z.string(),
  type: z.enum(['session', 'source']),
  targets: z.array(z.string()),
  destination: z.string(),
  numbers: z.array(z.string()),
  match: z.object({
    source: texts,
    medium: texts,
    campaign: texts,
    channel: texts,
    landing_page: texts,
    referrer_domain: texts,
  }),
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
