import type { Grouping } from '../../measures.js';
import type { CallFilter } from '../../reports.js';
import { callConditions, formConditions, isAboutCalls } from './conditions.js';
import { creditedCalls } from './credit.js';
import { keysOf } from './group-keys.js';
import type { Parameters } from './parameters.js';
import { touchesJoined } from './touch-shares.js';

/** The digits of a number that was given in E.164. */
const GIVEN = `substring(
        case when leads.phone ~ '^ *[+]' then regexp_replace(leads.phone, '[^0-9]', '', 'g') end
        from '^[0-9]{1,15}$'
      )`;

const IS_LEAD = "leads.lead_status is distinct from 'not_a_lead'";

/**
 * What the forms of a filter are worth, and who sent them, by group: by the number given, else as the caller that the visitor is known as among the
 * calls of the filter, else the visitor. `areNumbers`: as in call-tally.ts.
 */
export function formTally(
  filter: CallFilter,
  by: Grouping,
  areNumbers: boolean,
  starts: string | null,
  given: Parameters,
): string {
  const { add } = given;
  const number = areNumbers ? 'sender.digits::bigint' : `concat(leads.site_id, '+', sender.digits)`;
  const conditions = [...formConditions(filter, add), ...(isAboutCalls(filter) ? ['false'] : [])];
  return `select
      ${keysOf('forms', by, starts, given)}coalesce(sum(leads.value), 0) as value,
      coalesce(array_agg(${number}) filter (where sender.digits is not null and ${IS_LEAD}), '{}') as people,
      array_agg(coalesce(leads.visitor_id, leads.id)) filter (where sender.digits is null and ${IS_LEAD}) as others
    from leads
    left join sessions on sessions.id = leads.session_id
      and sessions.site_id = leads.site_id
    cross join lateral (
      select coalesce(${GIVEN}, (
        select min(substr(calls.caller_number, 2))
        from ${creditedCalls(add(filter.minConfidence))}${touchesJoined(by.model)}
        where calls.visitor_id = leads.visitor_id
          and credit.given
          and calls.lead_status is distinct from 'not_a_lead'
          and not calls.spam
          and ${callConditions(filter, add).join('\n          and ')}
      )) as digits
      -- Else it would be looked for at each mention.
      offset 0
    ) as sender
    where ${conditions.join('\n      and ')}`;
}
