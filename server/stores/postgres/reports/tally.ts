import type { Grouping } from '../../measures.js';
import type { CallFilter } from '../../reports.js';
import { areNumbers, callTally } from './call-tally.js';
import { callConditions, costConditions, countedCallConditions, isBeyondCosts } from './conditions.js';
import { countedOf, countedSpans, ofGaps, ofSpans } from './counted-spans.js';
import { creditedCalls } from './credit.js';
import { formTally } from './form-tally.js';
import { areCostsTold, keysOf, namesOf } from './group-keys.js';
import type { Parameters } from './parameters.js';
import { sessionCounts } from './session-counts.js';
import { isShared, touchesJoined } from './touch-shares.js';

/**
 * What is tallied: amounts (`calls` is an integer, or millionths), and sets of who called (`who` is how callers are told
 * apart).
 */
const COLUMNS = {
  sessions: 'integer',
  calls: 'calls',
  first_in_days: 'calls',
  answered_calls: 'calls',
  missed_calls: 'calls',
  first_time_callers: 'calls',
  qualified_calls: 'calls',
  unknown_calls: 'calls',
  duration: 'bigint',
  ended: 'calls',
  value: 'numeric',
  cost: 'numeric',
  clicks: 'bigint',
  impressions: 'bigint',
  callers: 'who[]',
  withheld: 'uuid[]',
  people: 'who[]',
  others: 'uuid[]',
};

export type Column = keyof typeof COLUMNS;

const SETS: Column[] = ['callers', 'withheld', 'people', 'others'];
export const AMOUNTS = (Object.keys(COLUMNS) as Column[]).filter((column) => !SETS.includes(column));

/** A named part of a statement, and what it tallies; nothing: others read it. */
interface Part {
  name: string;
  text: string;
  tallies: Column[];
}

const all = (conditions: string[]): string => ['true', ...conditions].join('\n      and ');

/** Costs of a filter; by their keys where they are told by them. */
function spent(
  filter: CallFilter,
  by: Grouping,
  zone: string,
  starts: string | null,
  given: Parameters,
): Part {
  const isTold = areCostsTold(by);
  return {
    name: 'spent',
    text: `select ${isTold ? keysOf('costs', by, starts, given) : ''}costs.cost, costs.clicks, costs.impressions
    from costs
    cross join lateral (
      select costs.day::timestamp at time zone ${zone}::text as starts_at
    ) as cost_day
    where ${all(isBeyondCosts(filter) ? ['false'] : costConditions(filter, given.add, zone))}`,
    tallies: isTold ? ['cost', 'clicks', 'impressions'] : [],
  };
}

/**
 * The parts of a statement that tally sessions, calls, forms and costs of a filter by group (`tally`: rows with the keys, the
 * columns above, null where there is nothing of it), some groups in several rows; and `spent`.
 */
export function tallies(filter: CallFilter, by: Grouping, given: Parameters): string {
  const { add } = given;
  const starts = by.starts === null ? null : add(by.starts);
  const zone = add(by.zone);
  const names = namesOf(by);
  const group = `group by ${names.length > 0 ? names.map((_, at) => at + 1).join(', ') : '()'}`;
  const counted = countedOf(filter, by);
  const numbers = areNumbers(filter.siteId, by);
  const tallied = callTally({
    by,
    days: by.unique.days === null ? null : add(by.unique.days),
    areNumbers: numbers,
    qualifiedSeconds: 'sites.qualified_seconds',
    distinct: false,
  });
  const told = Object.keys(tallied) as Column[];
  const parts: Part[] = [
    {
      name: 'call',
      text: `select
      ${keysOf('calls', by, starts, given)}${told.map((column) => `${tallied[column]} as ${column}`).join(',\n      ')}
    from ${creditedCalls(add(filter.minConfidence), counted.calls ? ofGaps('calls', add(filter.siteId)) : 'calls')}${touchesJoined(by.model)}
    where ${all(callConditions(filter, add))}
    ${group}`,
      tallies: told,
    },
    {
      name: 'visit',
      text: sessionCounts(filter, by, counted.sessions, starts, given),
      tallies: ['sessions'],
    },
    {
      name: 'form',
      text: `${formTally(filter, by, numbers, starts, given)}
    ${group}`,
      tallies: ['value', 'people', 'others'],
    },
    spent(filter, by, zone, starts, given),
  ];
  if (counted.calls) {
    parts.push({
      name: 'counted_call',
      text: `select ${keysOf('call_counts', by, starts, given)}counted.*, 0 as first_in_days
    from ${ofSpans('call_counts', add(filter.siteId), counted.calls)}
    where ${all(countedCallConditions(filter, add))}`,
      tallies: told,
    });
  }
  const columns = (own: Column[]) =>
    Object.entries(COLUMNS).map(([column, type]) =>
      own.includes(column as Column)
        ? column
        : `null::${type
            .replace('who', numbers ? 'bigint' : 'text')
            .replace('calls', isShared(by.model) ? 'bigint' : 'integer')} as ${column}`,
    );
  const rows = parts
    .filter((part) => part.tallies.length > 0)
    .map((part) => `select ${[...names, ...columns(part.tallies)].join(', ')}\n    from ${part.name}`);
  return `${counted.sessions ? `${countedSpans(filter, by, starts, given)},\n  ` : ''}${parts
    .map(({ name, text }) => `${name} as (\n    ${text}\n  )`)
    .join(',\n  ')},
  part as (
    ${rows.join('\n    union all\n    ')}
  )`;
}
