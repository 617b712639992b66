import { z } from 'zod';
import { cleanText } from '../lib/text.js';

// What people write is refused when it is too long, and never cut.

const LONGEST = { tag: 64, name: 200, note: 4_000 };
const MOST_TAGS = 100;

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
