import type { CallTransaction, Credit, FoldedCall, SessionRow } from '../../stores/calls.js';
import type { Tracker } from '../../stores/settings.js';
import { decide } from '../attribution/decide.js';
import type { Decision, Facts } from '../attribution/facts.js';
import type { OwnedNumber } from '../settings/settings.js';

/** What the decision means for reports: the named session's words, or the source tracker's. */
function creditOf(
  decision: Decision,
  tracker: Tracker,
  session: SessionRow | null,
  assignment: string | null,
  startedAt: Date,
): Credit {
  if (session) {
    return {
      assignment,
      seconds_to_call: Math.max(0, Math.round((startedAt.getTime() - session.started_at.getTime()) / 1000)),
      source: session.source,
      medium: session.medium,
      campaign: session.campaign,
      keyword: session.term,
      content: session.content,
      landing_page: session.landing_page,
      device_type: session.device_type,
    };
  }
  const isSource = decision.method === 'source';
  return {
    assignment: isSource ? 'source' : assignment,
    seconds_to_call: null,
    source: isSource ? tracker.source : null,
    medium: isSource ? tracker.medium : null,
    campaign: isSource ? tracker.campaign : null,
    keyword: null,
    content: null,
    landing_page: null,
    device_type: null,
  };
}

/** Decides whose call it was from what is known now, and keeps the decision beside the earlier ones. */
export async function attribute(
  call: CallTransaction,
  { id, number, folded }: { id: string; number: Pick<OwnedNumber, 'site' | 'tracker'>; folded: FoldedCall },
): Promise<void> {
  const { site, tracker } = number;
  const known = await call.facts({
    siteId: site.id,
    number: folded.to,
    startedAt: folded.started_at,
    from: folded.from,
    codes: [...folded.codes, ...(folded.keypad ? [folded.keypad] : [])],
    attributionDays: tracker.attribution_days,
    callId: id,
  });
  const facts: Facts = {
    started_at: folded.started_at.toISOString(),
    tracker: {
      type: tracker.type,
      source: tracker.source,
      medium: tracker.medium,
      campaign: tracker.campaign,
    },
    leases: known.leases,
    code: known.code,
    redial: known.redial,
  };
  const decision = decide(facts);
  const session = decision.session_id ? await call.session(site.id, decision.session_id) : null;
  const assignment = decision.lease_id ? await call.leaseAssignment(decision.lease_id) : null;
  const credit = creditOf(decision, tracker, session, assignment, folded.started_at);
  await call.addDecision(id, site.id, { ...decision, facts }, credit, known.prior_calls);
}
