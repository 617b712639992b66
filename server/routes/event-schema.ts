import { z } from 'zod';
import type { EventRequest } from '../../shared/events.js';
import { parseE164 } from '../lib/phone.js';
import { cleanText } from '../lib/text.js';
import { id, text } from './schemas.js';

/** URLs are parsed whole for their campaign and stored shortened. */
const MAX_URL = 16_384;

/** Meta's `fbc` carries a whole click id; one that is cut is another one. */
const MAX_ID = 500;

/** What a page says of its numbers may be junk; junk is left out, the rest counts. */
const found = z
  .array(z.string().max(32))
  .max(100)
  .default([])
  .transform((numbers) => [...new Set(numbers.map(parseE164).filter((number) => number !== null))]);

/** What the page shows, of which only the places count. */
const swaps = z.array(z.object({ places: z.number().int().min(0) }).catch({ places: 0 }));

/** What stands on a page may be anything. */
const printed = z
  .array(z.string().max(64).catch(''))
  .transform((texts) => texts.filter((text) => text !== '').slice(0, 100));

/** Null as well as absent means nothing. */
const orEmpty = (maxLength: number) =>
  z
    .string()
    .nullish()
    .transform((value) => cleanText(value ?? '', maxLength));

const fewTexts = (max: number, valueLength: number) =>
  z
    .record(z.string().max(64).pipe(text(64)), text(valueLength))
    .refine((record) => Object.keys(record).length <= max, { message: `at most ${max} entries` });

const MAX_COOKIES = 30;

/** `name=value`; null: not one. */
function readCookie(cookie: string): [name: string, value: string] | null {
  const [, name = '', value = ''] = /^([^=]{1,64})=(.*)$/s.exec(cookie) ?? [];
  const pair: [string, string] = [cleanText(name, 64), cleanText(value, MAX_ID)];
  return value.length <= MAX_ID && !pair.includes('') ? pair : null;
}

/** Cookies as the browser tells them, by name; of two with one name the first, which is of the nearer path. */
const cookies = z.array(z.string().catch('')).transform((all) => {
  const pairs = all.slice(0, MAX_COOKIES).map(readCookie);
  return Object.fromEntries(pairs.filter((pair) => pair !== null).reverse());
});

/** The body of POST /v1/events (shared/events.ts says what each field is for). */
const body = z.object({
  type: z.enum(['view', 'renew', 'leave', 'tap', 'code', 'lead', 'withdraw']),
  site: z.string().min(1).max(64),
  visitor: id.nullish().catch(null),
  session: id.nullish().catch(null),
  page: z.object({
    id: id.optional().catch(undefined),
    url: text(MAX_URL),
    referrer: orEmpty(MAX_URL),
    title: orEmpty(512),
  }),
  landing: z
    .object({ url: text(MAX_URL), referrer: orEmpty(MAX_URL) })
    .nullish()
    .transform((value) => value ?? undefined),
  found,
  ids: fewTexts(20, MAX_ID)
    .optional()
    .describe(
      'Ids by other tools: `ga`, `ga_session`, `ym`, `fbp`, `fbc` …, or their cookies as they are: `_ga`, `_ga_…`',
    ),
  cookies: cookies
    .optional()
    .catch(undefined)
    .describe('The cookies that `ids` takes, as the browser tells them: `_ga=GA1.1.…`; others are left out'),
  consent: z.enum(['full', 'none']).optional(),
  storage: z.boolean().optional(),
  swaps: swaps
    .optional()
    .catch(undefined)
    .describe('What the page shows, each with the `places` that were changed: counted at a `leave`'),
  printed: printed
    .optional()
    .catch(undefined)
    .describe('Phone numbers, as they are written, that the page shows by itself and that are no targets'),
  number: text(64).optional().catch(undefined),
  lead: z
    .object({
      name: text(200).optional(),
      phone: text(64).optional(),
      email: text(254).optional(),
      fields: fewTexts(50, 2_000).optional(),
    })
    .optional(),
});

export const eventSchema = body.transform(({ cookies = {}, ids = {}, ...event }) => ({
  ...event,
  ids: { ...cookies, ...ids },
})) satisfies z.ZodType<EventRequest>;

/** The reply, for its documentation; its type is EventReply. */
export const eventReplySchema = z.object({
  visitor: z.uuid().nullable(),
  session: z.uuid().nullable(),
  status: z.enum(['ok', 'no_number', 'no_target', 'bot', 'excluded', 'unavailable']),
  swaps: z.array(
    z.object({
      target: z.string(),
      number: z.string(),
      display: z.string(),
      lease: z.uuid().nullable(),
      expires_at: z.iso.datetime().nullable(),
      expires_in: z.number().int().nullable(),
      assignment: z.enum(['exclusive', 'elastic', 'source']),
    }),
  ),
  renew_after: z.number().int().nullable(),
  code: z.string().optional(),
  check: z
    .boolean()
    .optional()
    .describe(
      'To few views: whether to look for phone numbers that stand in the page, and tell them as `printed`',
    ),
  targets: z
    .array(z.string())
    .optional()
    .describe("The site's targets, told to a view that found none of them"),
  pattern: z
    .string()
    .optional()
    .describe('With `targets`: a regular expression (flags `gi`) that finds them, with one group a target'),
  hint: z
    .string()
    .optional()
    .describe('With `targets`: a regular expression that matches each text in which one of them may be'),
});
