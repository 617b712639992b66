import { Problem } from '../../../lib/errors.js';
import type { Grouping, Measured, Metrics } from '../../measures.js';
import type { CallFilter } from '../../reports.js';
import type { Queryable } from '../pool.js';
import { parameters } from './parameters.js';
import { statement } from './statement.js';

const MOST_GROUPS = 50_000;

type Row = Metrics & {
  [key: `key_${number}`]: string | number | null;
  stretch?: number;
  is_total: boolean;
};

const metricsOf = (row: Row): Metrics => ({
  sessions: row.sessions,
  calls: row.calls,
  unique_calls: row.unique_calls,
  answered_calls: row.answered_calls,
  missed_calls: row.missed_calls,
  first_time_callers: row.first_time_callers,
  qualified_calls: row.qualified_calls,
  unknown_calls: row.unknown_calls,
  average_duration: row.average_duration,
  leads: row.leads,
  value: row.value,
  cost: row.cost,
  clicks: row.clicks,
  impressions: row.impressions,
});

/** Counts calls, sessions, leads and costs by group and in all, in one statement: the parts and the total see the same rows. */
export async function measure(db: Queryable, filter: CallFilter, by: Grouping): Promise<Measured> {
  const given = parameters();
  const { rows } = await db.query<Row>(statement(filter, by, MOST_GROUPS, given), given.values);
  const [total, ...groups] = rows;
  if (groups.length > MOST_GROUPS) {
    throw new Problem(
      'invalid_request',
      `There are more than ${MOST_GROUPS} groups; ask for fewer keys or a shorter time.`,
    );
  }
  return {
    total: metricsOf(total as Row),
    groups: groups.map((row) => ({
      keys: Object.fromEntries(by.columns.map((column, at) => [column, row[`key_${at + 1}`] ?? null])),
      stretch: row.stretch === undefined ? null : row.stretch - 1,
      metrics: metricsOf(row),
    })),
  };
}
