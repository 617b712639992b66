import { Problem } from '../../../lib/errors.js';
import type { CallFilter, GroupColumn, Grouping, Measured, Metrics } from '../../reports.js';
import type { Queryable } from '../pool.js';
import { callConditions, formConditions, isAboutCalls, sessionConditions } from './conditions.js';
import { creditedCalls, UNKNOWN } from './credit.js';
import { type Parameters, parameters } from './parameters.js';

const MOST_GROUPS = 50_000;

type Counted = 'calls' | 'sessions' | 'forms';

/** What a group is named by: of a call its credit, of a session itself, of a form its session. */
function keyOf(column: GroupColumn, of: Counted): string {
  if (of === 'calls') return `credited.${column}`;
  if (of === 'forms' && column === 'source') return `coalesce(sessions.source, '${UNKNOWN}')`;
  return `sessions.${column === 'keyword' ? 'term' : column}`;
}

const TIME: Record<Counted, string> = {
  calls: 'calls.started_at',
  sessions: 'sessions.started_at',
  forms: 'leads.created_at',
};

/** The keys of a row, each followed by a comma. */
function keysOf(of: Counted, { columns }: Grouping, starts: string | null): string {
  const keys = columns.map((column) => `${keyOf(column, of)} as ${column}`);
  if (starts !== null) keys.push(`width_bucket(${TIME[of]}, ${starts}::timestamptz[]) as stretch`);
  return keys.map((key) => `${key}, `).join('');
}

const CALL_COLUMNS = `
    calls.visitor_id,
    credit.given,
    calls.status,
    calls.duration,
    calls.first_call,
    calls.value,
    calls.status = 'answered'
      and coalesce(calls.talk_time, calls.duration) >= sites.qualified_seconds as is_qualified,
    concat(calls.site_id, ' ', coalesce(calls.caller_number, calls.id::text)) as caller,
    case when not calls.spam and calls.lead_status is distinct from 'not_a_lead' then
      concat(calls.site_id, ' ', coalesce(calls.caller_number, calls.visitor_id::text, calls.id::text))
    end as person`;

/** Who sent a form: by the number given in E.164, else as the caller that the visitor is known as, else the visitor. */
const SENDER = `coalesce(
      concat(leads.site_id, ' +') || nullif(
        case when leads.phone ~ '^ *[+]' then regexp_replace(leads.phone, '[^0-9]', '', 'g') end,
        ''
      ),
      known.person,
      concat(leads.site_id, ' ', coalesce(leads.visitor_id, leads.id))
    )`;

const METRICS = `coalesce(sum(sessions), 0)::bigint as sessions,
    count(caller) as calls,
    count(distinct caller) as unique_calls,
    count(*) filter (where status = 'answered') as answered_calls,
    count(*) filter (where status in ('missed', 'busy', 'failed', 'voicemail')) as missed_calls,
    count(*) filter (where first_call) as first_time_callers,
    count(*) filter (where is_qualified) as qualified_calls,
    count(*) filter (where not given) as unknown_calls,
    round(avg(duration), 1) as average_duration,
    count(distinct person) as leads,
    coalesce(sum(value), 0) as value`;

function statement(filter: CallFilter, by: Grouping, { add }: Parameters): string {
  const starts = by.starts === null ? null : add(by.starts);
  const names = [...by.columns, ...(starts === null ? [] : ['stretch'])];
  const list = names.map((name) => `${name}, `).join('');
  const where = (conditions: string[]) => conditions.join('\n      and ');
  const isTotal = names.length > 0 ? `grouping(${names[0]}) = 1` : 'true';
  return `with call as materialized (
    select ${keysOf('calls', by, starts)}${CALL_COLUMNS}
    from ${creditedCalls(add(filter.minConfidence))}
    where ${where(callConditions(filter, add))}
  ),
  visit as (
    select ${keysOf('sessions', by, starts)}count(*) as sessions
    from sessions
    where ${where(sessionConditions(filter, add))}
    group by ${names.length > 0 ? names.map((_, at) => at + 1).join(', ') : '()'}
  ),
  known as (
    select visitor_id, min(person) as person
    from call
    where given
      and visitor_id is not null
    group by visitor_id
  ),
  form as (
    select ${keysOf('forms', by, starts)}${SENDER} as person
    from leads
    left join sessions on sessions.id = leads.session_id
      and sessions.site_id = leads.site_id
    left join known on known.visitor_id = leads.visitor_id
    where ${where([...formConditions(filter, add), ...(isAboutCalls(filter) ? ['false'] : [])])}
  ),
  counted as (
    select
      ${list}0 as sessions, caller, person, status, duration, first_call, is_qualified, given, value
    from call
    union all
    select ${list}sessions, null, null, null, null, null, null, null, null
    from visit
    union all
    select ${list}0, null, person, null, null, null, null, null, null
    from form
  )
  select
    ${list}${isTotal} as is_total,
    ${METRICS}
  from counted
  group by grouping sets (${names.length > 0 ? `(${names.join(', ')}), ` : ''}())
  order by is_total desc
  limit ${add(MOST_GROUPS + 2)}`;
}

type Row = { [key in GroupColumn]?: string | null } & Metrics & { stretch?: number; is_total: boolean };

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
});

/** Counts calls, sessions and leads by group and in all, in one statement: the parts and the total see the same rows. */
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
  return {
    total: metricsOf(total as Row),
    groups: groups.map((row) => ({
      keys: Object.fromEntries(by.columns.map((column) => [column, row[column] ?? null])),
      stretch: row.stretch === undefined ? null : row.stretch - 1,
      metrics: metricsOf(row),
    })),
  };
}
