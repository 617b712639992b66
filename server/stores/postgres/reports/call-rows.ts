import type { ListedCall, ReportedCall } from '../../reports.js';
import type { Queryable } from '../pool.js';
import { creditedCalls } from './credit.js';
import type { Parameters } from './parameters.js';

/** A call as the statement below gives it: the decision is not yet in its place. */
type CallRow = Omit<ReportedCall, 'attribution'> & {
  position: string;
  decision: { [K in keyof NonNullable<ReportedCall['attribution']> as `decision_${K}`]: unknown };
};

const DECISION = [
  'method',
  'confidence',
  'session_id',
  'visitor_id',
  'lease_id',
  'candidates',
  'reasons',
  'rule_version',
  'decided_at',
] as const;

const UTM = ['source', 'medium', 'campaign', 'term', 'content'];
const CLICK_IDS = ['gclid', 'fbclid', 'msclkid', 'yclid'];

/** The columns of a call, in the names of the contract. */
const COLUMNS = [
  'calls.id',
  'calls.provider_call_id as call_id',
  'calls.provider',
  'calls.site_id',
  'calls.tracker_id',
  'calls.started_at as start_time',
  'calls.duration',
  'calls.talk_time',
  'calls.status',
  "calls.status = 'answered' as answered",
  "calls.status = 'voicemail' as voicemail",
  'calls.caller_number as customer_phone_number',
  'coalesce(calls.customer_name, calls.caller_name) as customer_name',
  'calls.caller_city as customer_city',
  'calls.caller_state as customer_state',
  'calls.caller_country as customer_country',
  'calls.tracking_number as tracking_phone_number',
  'calls.business_number as business_phone_number',
  'credited.source',
  'credited.medium',
  'credited.campaign',
  'credited.keyword',
  'credited.content',
  'credited.channel',
  ...UTM.map((name) => `session.utm ->> '${name}' as utm_${name}`),
  ...CLICK_IDS.map((name) => `session.click_ids ->> '${name}' as ${name}`),
  'session.landing_page_url',
  'session.landing_params',
  'last_page.url as last_requested_url',
  'session.referring_url',
  'credited.device_type',
  'calls.first_call',
  'calls.prior_calls',
  'credited.seconds_to_call',
  'calls.assignment',
  'calls.lead_status',
  'calls.value',
  'calls.tags',
  'calls.note',
  'calls.spam',
  'calls.recording_url as recording',
  'calls.visitor_id',
  'calls.session_id',
  'calls.lease_id',
  ...DECISION.map((name) => `decision.${name} as decision_${name}`),
  `to_char(calls.started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as position`,
].join(',\n    ');

/** The session names the page that it is on now; a call is told the one that it was on then. */
const statement = (chosen: string, minConfidence: string): string => `with chosen as materialized (
    ${chosen}
  )
  select
    ${COLUMNS}
  from chosen
  join ${creditedCalls(minConfidence)} on calls.id = chosen.id
  left join sessions as session on session.id = calls.session_id
    and session.site_id = calls.site_id
    and credit.given
  left join lateral (
    select page_views.url
    from page_views
    where page_views.session_id = session.id
      and page_views.viewed_at <= calls.started_at
    order by page_views.viewed_at desc
    limit 1
  ) as last_page on true
  left join lateral (
    select *
    from attributions
    where attributions.call_id = calls.id
    order by attributions.decided_at desc, attributions.id desc
    limit 1
  ) as decision on true
  order by calls.started_at desc, calls.id desc`;

function listed(row: CallRow): ListedCall {
  const { position, ...fields } = row;
  const call: Record<string, unknown> = {};
  const attribution: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (name.startsWith('decision_')) attribution[name.slice('decision_'.length)] = value;
    else call[name] = value;
  }
  call.attribution = attribution.method === null ? null : attribution;
  return { call: call as unknown as ReportedCall, position: { time: position, id: row.id } };
}

/**
 * The calls that `chosen` selects the ids of, newest first. Chosen before the rest is joined, so that no more is
 * looked up than is shown.
 */
export async function readCalls(
  db: Queryable,
  { values }: Parameters,
  chosen: string,
  minConfidence: string,
): Promise<ListedCall[]> {
  const { rows } = await db.query<CallRow>(statement(chosen, minConfidence), values);
  return rows.map(listed);
}
