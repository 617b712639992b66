import { z } from 'zod';
import { cleanText } from '../lib/text.js';
import { id } from './schemas.js';

// What people write is refused when it is too long, and never cut.

const LONGEST = { tag: 64, name: 200, note: 4_000 };
const MOST_TAGS = 100;
const MOST_CALLS = 500;

const tag = z
  .string()
  .max(LONGEST.tag)
  .transform((value) => cleanText(value, LONGEST.tag))
  .refine((value) => value !== '', { message: 'must not be empty' });

const tags = z
  .array(tag)
  .max(MOST_TAGS)
  .nullable()
  .transform((list) => [...new Set(list ?? [])]);

/** Line by line, because a note has lines; blank is nothing. */
const note = z
  .string()
  .max(LONGEST.note)
  .nullable()
  .transform((value) => {
    const lines = (value ?? '').split(/\r\n|\r|\n/).map((line) => cleanText(line, LONGEST.note));
    return lines.join('\n').trim() || null;
  });

const customerName = z
  .string()
  .max(LONGEST.name)
  .nullable()
  .transform((value) => cleanText(value ?? '', LONGEST.name) || null);

/** The body of PATCH /v1/calls/{id}. */
export const callPatch = z
  .strictObject({
    tags: tags.describe('In place of those there are; at most 100'),
    append_tags: tags.describe('After those there are; one that is there already stays where it is'),
    note,
    value: z.number().min(-1e11).max(1e11).nullable().describe('Money, to the cent'),
    lead_status: z.enum(['good_lead', 'not_a_lead', 'not_scored']).nullable(),
    customer_name: customerName.describe('null: the name that the provider sent'),
    spam: z
      .boolean()
      .nullable()
      .transform((value) => value ?? false),
  })
  .partial();

const someTags = z
  .array(tag)
  .max(MOST_TAGS)
  .transform((list) => [...new Set(list)]);

/** The body of POST /v1/calls/tags. */
export const tagsOfCalls = z
  .strictObject({
    ids: z
      .array(id)
      .min(1)
      .max(MOST_CALLS)
      .transform((list) => [...new Set(list)])
      .describe('Calls, at most 500'),
    add: someTags.optional().describe('After those there are; one that is there already stays where it is'),
    remove: someTags.optional().describe('Taken off first; a tag that is not there is none'),
  })
  .refine(({ add = [], remove = [] }) => add.length + remove.length > 0, {
    message: 'name tags to add or to remove',
    path: ['add'],
  })
  .meta({
    examples: [{ ids: ['0199d7a2-6f5c-7c11-8a63-0f6de2f0a1b2'], add: ['vip'], remove: ['to call back'] }],
  });

/** What became of each call. */
export const taggedCalls = z.object({
  results: z
    .array(
      z.object({
        id: z.uuid(),
        result: z
          .enum(['ok', 'not_found', 'too_many_tags'])
          .describe('`too_many_tags`: it would carry more than 100, and stays as it was'),
        tags: z.array(z.string()).nullable().describe('Those it has now'),
      }),
    )
    .describe('Each call once, in the order of `ids`'),
});
