import type { Grouping } from '../../measures.js';
import type { CallFilter } from '../../reports.js';
import { countedSessionConditions, sessionConditions } from './conditions.js';
import { type Detail, ofGaps, ofSpans } from './counted-spans.js';
import { keysOf, namesOf } from './group-keys.js';
import type { Parameters } from './parameters.js';

const groupedBy = (names: string[]): string =>
  names.length > 0 ? names.map((_, at) => at + 1).join(', ') : '()';

const all = (conditions: string[]): string => ['true', ...conditions].join('\n      and ');

/** The sessions of a filter by group, `sessions` each: with `detail` out of the counts of `span` and one by one of `gap`. */
export function sessionCounts(
  filter: CallFilter,
  by: Grouping,
  detail: Detail | null,
  starts: string | null,
  given: Parameters,
): string {
  const { add } = given;
  const group = `group by ${groupedBy(namesOf(by))}`;
  const keys = () => keysOf('sessions', by, starts, given);
  if (detail === null) {
    return `select ${keys()}count(*)::integer as sessions
    from sessions
    where ${all(sessionConditions(filter, add))}
    ${group}`;
  }
  const site = add(filter.siteId);
  return `select ${keysOf('session_counts', by, starts, given)}sum(counted.sessions)::integer as sessions
    from ${ofSpans('session_counts', site, detail)}
    where ${all(countedSessionConditions(filter, add))}
    ${group}
    union all
    select ${keys()}count(*)::integer as sessions
    from ${ofGaps('sessions', site)}
    where ${all(sessionConditions(filter, add))}
    ${group}`;
}
