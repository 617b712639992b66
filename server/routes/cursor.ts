import { z } from 'zod';
import { Problem } from '../lib/errors.js';
import { isId } from '../lib/ids.js';
import type { ListPosition } from '../stores/reports.js';

/** Postgres counts microseconds; a Date would drop the last three digits, and a row with them. */
const position = z.tuple([
  z
    .string()
    .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
    // 31 February fits the pattern and is no time.
    .refine((time) => !Number.isNaN(Date.parse(time))),
  z.string().refine(isId),
]);

/** Where a page of calls or leads ended, opaque to clients. */
export const cursorOf = ({ time, id }: ListPosition): string =>
  Buffer.from(JSON.stringify([time, id]), 'utf8').toString('base64url');

/** Reads a cursor made by `cursorOf`; anything else is refused. */
export function readCursor(cursor: string | undefined): ListPosition | null {
  if (cursor === undefined) return null;
  const [time, id] = readJsonCursor(cursor, position);
  return { time, id };
}

/** What a list put into its cursor as JSON; anything else is refused. */
export function readJsonCursor<T>(cursor: string, schema: z.ZodType<T>): T {
  const read = schema.safeParse(parsed(Buffer.from(cursor, 'base64url').toString('utf8')));
  if (!read.success) throw new Problem('invalid_request', 'The cursor is not one that this list gave.');
  return read.data;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
