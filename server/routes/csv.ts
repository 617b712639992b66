import type { Readable } from 'node:stream';
import { type Options, stringify } from 'csv-stringify';
import { stringify as stringifyAll } from 'csv-stringify/sync';

/**
 * What a spreadsheet takes for a formula when it opens the file (OWASP, CSV injection), full-width forms included. A cell
 * begins at a semicolon too, where a semicolon is the separator of lists: in half of Europe, whatever is in quotes.
 */
const FORMULA = /^(?=\s*[=+\-@＝＋－＠]|[\t\r\n])|(?<=;)(?=\s*[=+\-@＝＋－＠])/g;
/** A phone number stays as it is: it is digits only, and the worst a spreadsheet does is to drop its plus. */
const E164 = /^\+[1-9]\d{6,14}$/;

/** A text that no spreadsheet runs: with an apostrophe in front of what would begin a formula. */
export const defused = (text: string): string => (E164.test(text) ? text : text.replace(FORMULA, "'"));

/** What a cell says: times as ISO 8601 in UTC, lists joined by `; `, objects as JSON, null as nothing. */
export function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return defused(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object'))
    return defused(value.join('; '));
  return typeof value === 'object' ? defused(JSON.stringify(value)) : String(value);
}

/** RFC 4180: commas, CRLF, quotes where they are needed, a first line of names. */
const OPTIONS: Options = { record_delimiter: 'windows', quoted_match: /[\r\n]/ };

function cells(row: object, columns: readonly string[]): string[] {
  const fields = row as Record<string, unknown>;
  return columns.map((column) => cell(fields[column]));
}

/** A few rows as CSV; of none come the names of the columns. */
export function csvText(rows: object[], columns: readonly string[]): string {
  return stringifyAll([columns, ...rows.map((row) => cells(row, columns))], OPTIONS);
}

/** Rows as CSV while they are read: no more of them are held than the stream buffers. */
export function csvStream(rows: AsyncIterable<object>, columns: readonly string[]): Readable {
  const stream = stringify(OPTIONS);
  const write = async () => {
    stream.write(columns);
    for await (const row of rows) {
      if (stream.destroyed) return;
      if (!stream.write(cells(row, columns))) await drained(stream);
    }
    stream.end();
  };
  write().catch((error: Error) => stream.destroy(error));
  return stream;
}

/** Resolves when the stream takes more, or will take none at all. */
function drained(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done);
      stream.off('close', done);
      resolve();
    };
    stream.on('drain', done);
    stream.on('close', done);
  });
}
