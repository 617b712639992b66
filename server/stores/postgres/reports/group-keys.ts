import type { GroupColumn, Grouping } from '../../measures.js';
import { creditedColumn, LANDED } from './conditions.js';
import { UNKNOWN } from './credit.js';
import type { Parameters } from './parameters.js';
import { sharedColumn } from './touch-shares.js';

export type Counted = 'calls' | 'call_counts' | 'sessions' | 'session_counts' | 'forms' | 'costs';

/** When each of what is counted began. */
export const TIME: Record<Counted, string> = {
  calls: 'calls.started_at',
  call_counts: 'counted.starts_at',
  sessions: 'sessions.started_at',
  session_counts: 'counted.starts_at',
  forms: 'leads.created_at',
  costs: 'cost_day.starts_at',
};

const LANDING_PARAM = 'landing_param:';

/** The name of a landing parameter that is grouped by; null: another key. */
const paramOf = (column: GroupColumn): string | null =>
  column.startsWith(LANDING_PARAM) ? column.slice(LANDING_PARAM.length) : null;

const OF_COSTS = ['source', 'medium', 'campaign', 'keyword', 'channel', 'site', 'weekday'];

/** Whether costs are told by these keys; else only in all. */
export const areCostsTold = ({ columns, starts, areDays }: Grouping): boolean =>
  (starts === null || areDays) && columns.every((column) => OF_COSTS.includes(column));

function ofCall(column: GroupColumn, { model }: Grouping, mark: (value: string) => string): string {
  const param = paramOf(column);
  if (param !== null)
    return `(\n      select landed.landing_params ->> ${mark(param)}::text\n      ${LANDED}\n    )`;
  if (column === 'site') return 'calls.site_id::text';
  if (column === 'tracker') return 'calls.tracker_id::text';
  if (column === 'device') return 'credited.device_type';
  return sharedColumn(model, column, creditedColumn(column));
}

/** Of a session itself; of a form that of its session. */
function ofSession(column: GroupColumn, of: 'sessions' | 'forms', mark: (value: string) => string): string {
  const param = paramOf(column);
  if (param !== null) return `sessions.landing_params ->> ${mark(param)}::text`;
  if (column === 'site') return of === 'forms' ? 'leads.site_id::text' : 'sessions.site_id::text';
  if (column === 'tracker') return 'null::text';
  if (column === 'device') return 'sessions.device_type';
  if (column === 'source' && of === 'forms') return `coalesce(sessions.source, '${UNKNOWN}')`;
  return `sessions.${column === 'keyword' ? 'term' : column}`;
}

function ofCounts(column: GroupColumn, of: 'call_counts' | 'session_counts'): string {
  if (column === 'site') return 'counted.site_id::text';
  if (column === 'tracker') return of === 'call_counts' ? 'counted.tracker_id::text' : 'null::text';
  return `counted.${column === 'device' ? 'device_type' : column}`;
}

const ofCost = (column: GroupColumn): string =>
  column === 'site' ? 'costs.site_id::text' : `nullif(costs.${column}, '')`;

/** What a group is named by: of a call what it is credited to, of a session itself, of a form its session. */
function keyOf(column: GroupColumn, of: Counted, by: Grouping, { add }: Parameters): string {
  const mark = (value: string) => add(value);
  if (column === 'hour' || column === 'weekday') {
    const field = column === 'hour' ? 'hour' : 'isodow';
    return `extract(${field} from ${TIME[of]} at time zone ${add(by.zone)}::text)::integer`;
  }
  if (of === 'calls') return ofCall(column, by, mark);
  if (of === 'call_counts' || of === 'session_counts') return ofCounts(column, of);
  return of === 'costs' ? ofCost(column) : ofSession(column, of, mark);
}

/** Under which names the keys of a grouping stand in its statement. */
export const namesOf = ({ columns, starts }: Grouping): string[] => [
  ...columns.map((_, at) => `key_${at + 1}`),
  ...(starts === null ? [] : ['stretch']),
];

/** The same to sort by: texts by their bytes, which is quicker than by a language. */
export const sortedNamesOf = ({ columns, starts }: Grouping): string[] => [
  ...columns.map(
    (column, at) => `key_${at + 1}${column === 'hour' || column === 'weekday' ? '' : ' collate "C"'}`,
  ),
  ...(starts === null ? [] : ['stretch']),
];

/** The keys of a row, each followed by a comma; `starts` is the mark of the stretches. */
export function keysOf(of: Counted, by: Grouping, starts: string | null, given: Parameters): string {
  const keys = by.columns.map((column, at) => `${keyOf(column, of, by, given)} as key_${at + 1}`);
  if (starts !== null) keys.push(`width_bucket(${TIME[of]}, ${starts}::timestamptz[]) as stretch`);
  return keys.map((key) => `${key}, `).join('');
}
