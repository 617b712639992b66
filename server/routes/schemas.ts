import { z } from 'zod';
import type { ErrorCode } from '../lib/errors.js';
import { parseE164 } from '../lib/phone.js';
import { cleanText } from '../lib/text.js';

/** Text from outside, made storable and cut to a length. */
export const text = (maxLength: number) => z.string().transform((value) => cleanText(value, maxLength));

/** Text that an owner chose: refused rather than cut, since a secret or a name that is cut is another one. */
export const whole = (maxLength: number) =>
  z
    .string()
    .max(maxLength, `is longer than ${maxLength} characters`)
    .transform((value) => cleanText(value, maxLength));

/** The same, and it must say something. */
export const name = (maxLength = 200) =>
  whole(maxLength).refine((value) => value !== '', { message: 'must not be empty' });

/** A phone number; bare digits and a leading blank (an unescaped + in a form) are read as E.164. */
export const e164 = z
  .string()
  .max(64)
  .transform((value, context) => {
    const number = parseE164(value);
    if (number !== null) return number;
    context.addIssue({ code: 'custom', message: 'is not a phone number in E.164, like +12025550123' });
    return z.NEVER;
  });

/** A time with its offset; one whose + arrives as a blank (unescaped in a form) is read all the same. */
export const time = z
  .string()
  .transform((value) => value.replace(/^(\S+T\S+) (\d{2}:\d{2})$/, '$1+$2'))
  .pipe(z.iso.datetime({ offset: true }))
  .meta({ format: 'date-time' });

export const id = z.uuid().transform((value) => value.toLowerCase());

/** A page of a list: `cursor` is what the page before gave as next_cursor. */
export const pageQuery = z.object({
  per_page: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().max(500).optional(),
  format: z.enum(['json', 'csv']).optional(),
});

export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    instance: z.string().optional(),
  })
  .describe('RFC 9457 problem details, sent as application/problem+json');

/** The same, with the codes that it may have where they are not the usual one of its status. */
export const problemOf = (...codes: [ErrorCode, ...ErrorCode[]]) => problem.extend({ code: z.enum(codes) });

/** The errors that every endpoint behind a key may answer, for its documentation. */
export const keyProblems = { 400: problem, 401: problem, 403: problem };
