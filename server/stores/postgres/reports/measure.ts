import { Problem } from '../../../lib/errors.js';
import type { Grouping, Measured, Metrics } from '../../measures.js';
import type { CallFilter } from '../../reports.js';
import type { Queryable } from '../pool.js';
import { isBeyondCosts } from './conditions.js';
import { areCostsTold } from './group-keys.js';
import { parameters } from './parameters.js';
import { statement } from './statement.js';

const MOST_GROUPS = 50_000;

type Row = Metrics & {
  [key: `key_${number}`]: string | number | null;
  stretch?: number;
  is_total: boolean;
  cost_in_all: number;
  clicks_in_all: number;
  impressions_in_all: number;
};
const spentOf = (
  row: Row,
  filter: CallFilter,
  isTold: boolean,
): Pick<Metrics, 'cost' | 'clicks' | 'impressions'> => {
  if (isBeyondCosts(filter) || !(isTold || row.is_total))
    return { cost: null, clicks: null, impressions: null };
  return row.is_total
    ? { cost: row.cost_in_all, clicks: row.clicks_in_all, impressions: row.impressions_in_all }
    : { cost: row.cost, clicks: row.clicks, impressions: row.impressions };
};

const metricsOf = (row: Row, filter: CallFilter, isTold: boolean): Metrics => ({
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
  ...spentOf(row, filter, isTold),
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
  const isTold = areCostsTold(by);
  return {
    total: metricsOf(total as Row, filter, isTold),
    groups: groups.map((row) => ({
      keys: Object.fromEntries(by.columns.map((column, at) => [column, row[`key_${at + 1}`] ?? null])),
      stretch: row.stretch === undefined ? null : row.stretch - 1,
      metrics: metricsOf(row, filter, isTold),
    })),
  };
}
