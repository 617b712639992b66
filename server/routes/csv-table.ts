import type { FastifyReply, FastifyRequest } from 'fastify';
import { csvText } from './csv.js';

/** Whether the answer is wanted as CSV: by `format=csv`, or by Accept. */
export const wantsCsv = (request: FastifyRequest, query: { format?: 'json' | 'csv' }): boolean =>
  query.format === undefined ? /\btext\/csv\b/i.test(request.headers.accept ?? '') : query.format === 'csv';

/** One page of a list as CSV; where more follow, the cursor is in the header `x-next-cursor`. */
export function sendTable(
  reply: FastifyReply,
  columns: readonly string[],
  rows: object[],
  nextCursor: string | null,
): FastifyReply {
  if (nextCursor !== null) reply.header('x-next-cursor', nextCursor);
  return reply
    .header('content-type', 'text/csv; charset=utf-8')
    .serializer((text: string) => text)
    .send(csvText(rows, columns));
}
