import type { Grouping } from '../../measures.js';
import { isShared, WHOLE } from './touch-shares.js';

/** Who asks for contact by calling: whoever is not marked otherwise. */
const IS_LEAD = "calls.lead_status is distinct from 'not_a_lead' and not calls.spam";

const HAS_NUMBER = 'calls.caller_number is not null';

/** A caller's number as a number: sorted and compared in a third of the time of a text. */
const DIGITS = 'substr(calls.caller_number, 2)::bigint';

export type Named = Pick<Grouping, 'model' | 'unique'>;

/** Whether callers are told apart by their numbers alone, as bigint; else, as text, by the site or the tracker too. */
export const areNumbers = (siteId: string | null, { unique }: Named): boolean =>
  siteId !== null && (unique.per === 'site' || unique.days !== null);

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

export interface TallyTerms {
  by: Named;
  /** The mark of the unique days; null: callers are counted. */
  days: string | null;
  areNumbers: boolean;
  /** From how many seconds on a call is qualified. */
  qualifiedSeconds: string;
  /** Callers each once. */
  distinct: boolean;
}

/**
 * What calls add up to, as columns of a grouped statement over `creditedCalls`: amounts (in millionths where a model shares
 * calls), and who called. `people` is null where it would be as `callers`.
 */
export function callTally({
  by,
  days,
  areNumbers,
  qualifiedSeconds,
  distinct,
}: TallyTerms): Record<string, string> {
  const units = `coalesce(touch.units, ${WHOLE})`;
  const shares = isShared(by.model);
  const amount = (fits?: string) => {
    const filter = fits === undefined ? '' : ` filter (where ${fits})`;
    // Sums of integers are quicker than of bigints.
    return shares ? `coalesce(sum(${units})${filter}, 0)` : `(count(*)${filter})::integer`;
  };
  const all = (who: string, fits: string) =>
    `array_agg(${distinct ? 'distinct ' : ''}${who}) filter (where ${fits})`;
  const within = by.unique.per === 'tracker' ? 'calls.tracker_id' : 'calls.site_id';
  const caller = areNumbers ? DIGITS : `concat(${within}, calls.caller_number)`;
  const person = areNumbers ? DIGITS : 'concat(calls.site_id, calls.caller_number)';
  const callers = `coalesce(${all(caller, HAS_NUMBER)}, '{}')`;
  const people = `coalesce(${all(person, `${HAS_NUMBER} and ${IS_LEAD}`)}, '{}')`;
  return {
    calls: amount(),
    first_in_days: days === null ? '0' : amount(isFirstInDays(days, by.unique.per)),
    answered_calls: amount("calls.status = 'answered'"),
    missed_calls: amount("calls.status in ('missed', 'busy', 'failed', 'voicemail')"),
    first_time_callers: amount('calls.first_call'),
    qualified_calls: amount(
      `calls.status = 'answered' and coalesce(calls.talk_time, calls.duration) >= ${qualifiedSeconds}`,
    ),
    unknown_calls: amount('not credit.given'),
    duration: `coalesce(sum(calls.duration${shares ? `::bigint * ${units}` : ''}), 0)`,
    ended: amount('calls.duration is not null'),
    value: `coalesce(sum(calls.value${shares ? ` * ${units} / ${WHOLE}` : ''}), 0)`,
    callers,
    withheld: all('calls.id', `not (${HAS_NUMBER})`),
    people: caller === person ? `nullif(${people}, ${callers})` : people,
    others: all('coalesce(calls.visitor_id, calls.id)', `not (${HAS_NUMBER}) and ${IS_LEAD}`),
  };
}
