import type { Grouping } from '../../measures.js';
import type { CallFilter } from '../../reports.js';
import { namesOf, sortedNamesOf } from './group-keys.js';
import type { Parameters } from './parameters.js';
import { AMOUNTS, type Column, tallies } from './tally.js';
import { isShared, WHOLE } from './touch-shares.js';

/** Who is in a set, each once, by group and in all (`nth` 0). */
const eachOnce = (set: string, hasGroups: boolean, condition = `${set} is not null`): string => `select
      ${hasGroups ? 'coalesce(nth, 0)' : '0'} as nth,
      count(distinct who) as amount
    from tally
    cross join lateral unnest(${set}) as who
    where ${condition}
    group by grouping sets (${hasGroups ? '(nth), ' : ''}())`;

function metrics({ model, unique }: Grouping): string {
  const amount = (column: Column) =>
    isShared(model) ? `summed.${column} / ${WHOLE}` : `summed.${column}::bigint`;
  const uniqueCalls =
    unique.days === null
      ? 'coalesce(caller.amount, 0) + coalesce(withheld.amount, 0)'
      : amount('first_in_days');
  return `summed.sessions::bigint as sessions,
    ${amount('calls')} as calls,
    ${uniqueCalls} as unique_calls,
    ${amount('answered_calls')} as answered_calls,
    ${amount('missed_calls')} as missed_calls,
    ${amount('first_time_callers')} as first_time_callers,
    ${amount('qualified_calls')} as qualified_calls,
    ${amount('unknown_calls')} as unknown_calls,
    round(summed.duration / nullif(summed.ended, 0), 1) as average_duration,
    coalesce(case when differs.people then person.amount else caller.amount end, 0)
      + coalesce(other.amount, 0) as leads,
    summed.value,
    summed.cost,
    summed.clicks::bigint as clicks,
    summed.impressions::bigint as impressions`;
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
        ...AMOUNTS.map((column) => `coalesce(sum(${column}), 0)::numeric as ${column}`),
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
    ${metrics(by)},
    spent_in_all.*
  from summed
  cross join differs
  left join caller on caller.nth = summed.nth
  left join withheld on withheld.nth = summed.nth
  left join person on person.nth = summed.nth
  left join other on other.nth = summed.nth
  cross join (
    select
      coalesce(sum(cost), 0) as cost_in_all,
      coalesce(sum(clicks), 0)::bigint as clicks_in_all,
      coalesce(sum(impressions), 0)::bigint as impressions_in_all
    from spent
  ) as spent_in_all
  order by is_total desc
  limit ${given.add(mostGroups + 2)}`;
}
