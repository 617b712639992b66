import type { Grouping } from '../../measures.js';
import type { CallFilter } from '../../reports.js';
import { isBeyondCosts } from './conditions.js';
import { areCostsTold, namesOf, sortedNamesOf } from './group-keys.js';
import type { Parameters } from './parameters.js';
import { AMOUNTS, type Column, tallies } from './tally.js';
import { isShared, WHOLE } from './touch-shares.js';

/** Who is in a set, each once, by group and in all (`nth` 0). Unnested in the list, which costs half of a join. */
const eachOnce = (set: string, hasGroups: boolean, condition = `${set} is not null`): string => `select
      ${hasGroups ? 'coalesce(nth, 0)' : '0'} as nth,
      count(distinct who) as amount
    from (
      select nth, unnest(${set}) as who
      from tally
      where ${condition}
    ) as member
    group by grouping sets (${hasGroups ? '(nth), ' : ''}())`;

function metrics(filter: CallFilter, by: Grouping): string {
  const { model, unique } = by;
  const amount = (column: Column) =>
    isShared(model) ? `summed.${column}::numeric / ${WHOLE}` : `summed.${column}`;
  const uniqueCalls =
    unique.days === null
      ? 'coalesce(caller.amount, 0) + coalesce(withheld.amount, 0)'
      : amount('first_in_days');
  // Those of all are more than those of the groups where these do not tell them.
  const ofCosts = (column: Column) =>
    isBeyondCosts(filter)
      ? 'null'
      : `case when summed.nth = 0 then spent_in_all.${column}${areCostsTold(by) ? ` else summed.${column}` : ''} end`;
  return `summed.sessions,
    ${amount('calls')} as calls,
    ${uniqueCalls} as unique_calls,
    ${amount('answered_calls')} as answered_calls,
    ${amount('missed_calls')} as missed_calls,
    ${amount('first_time_callers')} as first_time_callers,
    ${amount('qualified_calls')} as qualified_calls,
    ${amount('unknown_calls')} as unknown_calls,
    round(summed.duration::numeric / nullif(summed.ended, 0), 1) as average_duration,
    coalesce(case when differs.people then person.amount else caller.amount end, 0)
      + coalesce(other.amount, 0) as leads,
    summed.value,
    ${ofCosts('cost')} as cost,
    ${ofCosts('clicks')} as clicks,
    ${ofCosts('impressions')} as impressions`;
}

/**
 * Sessions, calls, forms and costs of a filter by group and in all: what was tallied is added up, and who is in several rows
 * of a group, or in several groups, counted once. Groups are numbered, so that no text is sorted with each caller.
 */
export function statement(filter: CallFilter, by: Grouping, mostGroups: number, given: Parameters): string {
  const names = namesOf(by);
  const hasGroups = names.length > 0;
  const place = hasGroups ? `dense_rank() over (order by ${sortedNamesOf(by).join(', ')})::integer` : '0';
  return `with ${tallies(filter, by, given)},
  tally as materialized (
    select ${place} as nth, part.*
    from part
  ),
  differs as materialized (
    select coalesce(bool_or(people is not null), false) as people
    from tally
  ),
  summed as (
    select
      ${[
        ...names,
        `${hasGroups ? 'coalesce(nth, 0)' : '0'} as nth`,
        ...AMOUNTS.map((column) => `coalesce(sum(${column}), 0) as ${column}`),
      ].join(',\n      ')}
    from tally
    group by grouping sets (${hasGroups ? `(${[...names, 'nth'].join(', ')}), ` : ''}())
  ),
  caller as (
    ${eachOnce('callers', hasGroups)}
  ),
  withheld as (
    ${eachOnce('withheld', hasGroups)}
  ),
  person as (
    ${eachOnce('coalesce(people, callers)', hasGroups, '(select differs.people from differs)')}
  ),
  other as (
    ${eachOnce('others', hasGroups)}
  )
  select
    ${names.map((name) => `summed.${name}, `).join('')}summed.nth = 0 as is_total,
    ${metrics(filter, by)}
  from summed
  cross join differs
  left join caller on caller.nth = summed.nth
  left join withheld on withheld.nth = summed.nth
  left join person on person.nth = summed.nth
  left join other on other.nth = summed.nth
  cross join (
    select
      coalesce(sum(cost), 0) as cost,
      coalesce(sum(clicks), 0) as clicks,
      coalesce(sum(impressions), 0) as impressions
    from spent
  ) as spent_in_all
  order by is_total desc
  limit ${given.add(mostGroups + 2)}`;
}
