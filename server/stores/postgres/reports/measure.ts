import { Problem } from '../../../lib/errors.js';
import type { Grouping, Measured, Metrics } from '../../measures.js';
import type { CallFilter } from '../../reports.js';
import type { Queryable } from '../pool.js';
import { callConditions, costConditions, formConditions, isAboutCalls, isBeyondCosts } from './conditions.js';
import { creditedCalls } from './credit.js';
import { areCostsTold, keysOf, namesOf } from './group-keys.js';
import { type Parameters, parameters } from './parameters.js';
import { visitCounts } from './session-counts.js';
import { isShared, touchesJoined, WHOLE } from './touch-shares.js';

const MOST_GROUPS = 50_000;

/** Whose caller did not call in so many days before; a withheld number is nobody's. */
const isFirstInDays = (days: string, per: 'site' | 'tracker'): string => `not exists (
      select
      from calls as before
      where before.site_id = calls.site_id
        and before.caller_number = calls.caller_number
        and before.started_at >= calls.started_at - make_interval(days => ${days}::integer)
        and (before.started_at, before.id) < (calls.started_at, calls.id)${
          per === 'tracker' ? '\n        and before.tracker_id = calls.tracker_id' : ''
        }
    )`;

function callColumns({ model, unique }: Grouping, { add }: Parameters): string {
  const within = unique.per === 'tracker' ? 'calls.tracker_id' : 'calls.site_id';
  return `
    calls.visitor_id,
    credit.given,
    calls.status,
    calls.duration,
    calls.first_call,
    calls.value,
    calls.status = 'answered'
      and coalesce(calls.talk_time, calls.duration) >= sites.qualified_seconds as is_qualified,
    concat(${within}, ' ', coalesce(calls.caller_number, calls.id::text)) as caller,
    case when not calls.spam and calls.lead_status is distinct from 'not_a_lead' then
      concat(calls.site_id, ' ', coalesce(calls.caller_number, calls.visitor_id::text, calls.id::text))
    end as person,
    ${isShared(model) ? `coalesce(touch.units, ${WHOLE})` : WHOLE} as units,
    ${unique.days === null ? 'true' : isFirstInDays(add(unique.days), unique.per)} as is_first`;
}

/** Who sent a form: by the number given in E.164, else as the caller that the visitor is known as, else the visitor. */
const SENDER = `coalesce(
      concat(leads.site_id, ' +') || nullif(
        case when leads.phone ~ '^ *[+]' then regexp_replace(leads.phone, '[^0-9]', '', 'g') end,
        ''
      ),
      known.person,
      concat(leads.site_id, ' ', coalesce(leads.visitor_id, leads.id))
    )`;

/** Of the rows that fit: how many, or how many millionths of a call. */
const amount = (model: Grouping['model'], fits = 'caller is not null'): string =>
  isShared(model)
    ? `coalesce(sum(units) filter (where ${fits}), 0)::numeric / ${WHOLE}`
    : `count(*) filter (where ${fits})`;

function metrics({ model, unique }: Grouping): string {
  const value = isShared(model) ? `value * units / ${WHOLE}` : 'value';
  const duration = isShared(model)
    ? 'sum(duration::numeric * units) / nullif(sum(units) filter (where duration is not null), 0)'
    : 'avg(duration)';
  return `coalesce(sum(sessions), 0)::bigint as sessions,
    ${amount(model)} as calls,
    ${unique.days === null ? 'count(distinct caller)' : amount(model, 'is_first')} as unique_calls,
    ${amount(model, "status = 'answered'")} as answered_calls,
    ${amount(model, "status in ('missed', 'busy', 'failed', 'voicemail')")} as missed_calls,
    ${amount(model, 'first_call')} as first_time_callers,
    ${amount(model, 'is_qualified')} as qualified_calls,
    ${amount(model, 'not given')} as unknown_calls,
    round(${duration}, 1) as average_duration,
    count(distinct person) as leads,
    coalesce(sum(${value}), 0) as value,
    coalesce(sum(cost), 0) as cost,
    coalesce(sum(clicks), 0)::bigint as clicks,
    coalesce(sum(impressions), 0)::bigint as impressions`;
}

/** What each part of what is counted has of its own; the rest is null. */
const COLUMNS = {
  sessions: 'bigint',
  caller: 'text',
  person: 'text',
  status: 'text',
  duration: 'integer',
  first_call: 'boolean',
  is_qualified: 'boolean',
  given: 'boolean',
  value: 'numeric',
  units: 'bigint',
  is_first: 'boolean',
  cost: 'numeric',
  clicks: 'bigint',
  impressions: 'bigint',
};

const part = (list: string, from: string, own: (keyof typeof COLUMNS)[]): string => `select
      ${list}${Object.entries(COLUMNS)
        .map(([name, type]) =>
          own.includes(name as keyof typeof COLUMNS) ? name : `null::${type} as ${name}`,
        )
        .join(', ')}
    from ${from}`;

const CALL_PARTS = [
  'caller',
  'person',
  'status',
  'duration',
  'first_call',
  'is_qualified',
  'given',
  'value',
  'units',
  'is_first',
] as const;

function statement(filter: CallFilter, by: Grouping, given: Parameters): string {
  const { add } = given;
  const starts = by.starts === null ? null : add(by.starts);
  const zone = add(by.zone);
  const names = namesOf(by);
  const list = names.map((name) => `${name}, `).join('');
  const where = (conditions: string[]) => conditions.join('\n      and ');
  const isTotal = names.length > 0 ? `grouping(${names[0]}) = 1` : 'true';
  return `with call as materialized (
    select ${keysOf('calls', by, starts, given)}${callColumns(by, given)}
    from ${creditedCalls(add(filter.minConfidence))}${touchesJoined(by.model)}
    where ${where(callConditions(filter, add))}
  ),
  ${visitCounts(filter, by, starts, given)},
  known as (
    select visitor_id, min(person) as person
    from call
    where given
      and visitor_id is not null
    group by visitor_id
  ),
  form as (
    select ${keysOf('forms', by, starts, given)}${SENDER} as person
    from leads
    left join sessions on sessions.id = leads.session_id
      and sessions.site_id = leads.site_id
    left join known on known.visitor_id = leads.visitor_id
    where ${where([...formConditions(filter, add), ...(isAboutCalls(filter) ? ['false'] : [])])}
  ),
  spent as (
    select ${areCostsTold(by) ? keysOf('costs', by, starts, given) : ''}costs.cost, costs.clicks, costs.impressions
    from costs
    cross join lateral (
      select costs.day::timestamp at time zone ${zone}::text as starts_at
    ) as cost_day
    where ${where(isBeyondCosts(filter) ? ['false'] : costConditions(filter, add, zone))}
  ),
  counted as (
    ${part(list, 'call', [...CALL_PARTS])}
    union all
    ${part(list, 'visit', ['sessions'])}
    union all
    ${part(list, 'form', ['person'])}${
      areCostsTold(by) ? `\n    union all\n    ${part(list, 'spent', ['cost', 'clicks', 'impressions'])}` : ''
    }
  ),
  measured as (
    select
      ${list}${isTotal} as is_total,
      ${metrics(by)}
    from counted
    group by grouping sets (${names.length > 0 ? `(${names.join(', ')}), ` : ''}())
  )
  select
    measured.*,
    spent_in_all.cost as cost_in_all,
    spent_in_all.clicks as clicks_in_all,
    spent_in_all.impressions as impressions_in_all
  from measured
  cross join (
    select
      coalesce(sum(cost), 0) as cost,
      coalesce(sum(clicks), 0)::bigint as clicks,
      coalesce(sum(impressions), 0)::bigint as impressions
    from spent
  ) as spent_in_all
  order by is_total desc
  limit ${add(MOST_GROUPS + 2)}`;
}

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
  const { rows } = await db.query<Row>(statement(filter, by, given), given.values);
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
