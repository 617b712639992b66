import { Problem } from '../lib/errors.js';
import type { Page } from '../stores/settings.js';

/** Reads a cursor made by `listOf`. Opaque to clients: the id of the last row, as base64url. */
export function pageOf(query: { per_page: number; cursor?: string }, isId: (text: string) => boolean): Page {
  if (query.cursor === undefined) return { after: null, limit: query.per_page + 1 };
  const after = Buffer.from(query.cursor, 'base64url').toString('utf8');
  if (!isId(after)) throw new Problem('invalid_request', 'The cursor is not one that a list gave.');
  return { after, limit: query.per_page + 1 };
}

/** A page of rows, of which one more than asked for was read, to know whether there is a next page. */
export function listOf<T>(
  rows: T[],
  perPage: number,
  idOf: (row: T) => string,
): { page: T[]; next_cursor: string | null } {
  const page = rows.slice(0, perPage);
  const last = rows.length > perPage ? page.at(-1) : undefined;
  return { page, next_cursor: last ? Buffer.from(idOf(last), 'utf8').toString('base64url') : null };
}
