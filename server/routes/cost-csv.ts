import { CsvError, parse } from 'csv-parse/sync';
import type { z } from 'zod';
import { type FieldError, Problem } from '../lib/errors.js';
import { costRow, costRows } from './cost-schema.js';

const COLUMNS = Object.keys(costRow.shape);
const NEEDED = ['date', 'source', 'medium', 'cost'];
const NUMBERS = ['cost', 'clicks', 'impressions'];
const MOST_ERRORS = 100;

const refused = (errors: FieldError[]) =>
  new Problem('invalid_request', 'The CSV is not valid.', errors.slice(0, MOST_ERRORS));

/** Which line of a file a row stands on. */
export const lineOf = (line: number): string => `lines.${line}`;

/** The first line, which names the columns; in any order and in any case. */
function readHeader(header: string[]): string[] {
  const names = header.map((name) => name.toLowerCase());
  const at = (name: string) => `${lineOf(1)}.${name}`;
  const errors = [
    ...names
      .filter((name) => !COLUMNS.includes(name))
      .map((name) => ({ path: at(name), message: 'is not a column here' })),
    ...names
      .filter((name, place) => names.indexOf(name) < place)
      .map((name) => ({ path: at(name), message: 'is there twice' })),
    ...NEEDED.filter((name) => !names.includes(name)).map((name) => ({
      path: at(name),
      message: 'is missing',
    })),
  ];
  if (errors.length > 0) throw refused(errors);
  return names;
}

/** A row as JSON would have it. What is no number stays a text, and is refused as such. */
function valuesOf(record: Record<string, string>): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [name, cell] of Object.entries(record)) {
    const isOptional = !['source', 'medium'].includes(name);
    if (cell === '' && isOptional) continue;
    values[name] = NUMBERS.includes(name) && /^\d+(\.\d+)?$/.test(cell) ? Number(cell) : cell;
  }
  return values;
}

/**
 * Costs out of CSV (RFC 4180, UTF-8) with a first line of names, and the line that each stands on. Throws
 * `invalid_request` with line and column.
 */
export function readCostsCsv(text: string): { costs: z.infer<typeof costRows>; lines: number[] } {
  const records = readRecords(text);
  const lines = records.map(({ info }) => info.lines);
  const read = costRows.safeParse(records.map(({ record }) => valuesOf(record)));
  if (read.success) return { costs: read.data, lines };
  throw refused(
    read.error.issues.map(({ path: [at, ...rest], message }) => ({
      path: at === undefined ? 'costs' : [lineOf(lines[Number(at)] as number), ...rest].join('.'),
      message,
    })),
  );
}

interface Line {
  record: Record<string, string>;
  info: { lines: number };
}

function readRecords(text: string): Line[] {
  try {
    return parse<Line>(text, {
      bom: true,
      columns: readHeader,
      info: true,
      skip_empty_lines: true,
      trim: true,
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { lines } = error as CsvError & { lines?: number };
    throw refused([{ path: lineOf(lines ?? 1), message: `cannot be read: ${error.message}` }]);
  }
}
