import { countryOf } from '../../lib/phone.js';
import type { CallTransaction, Credit, FoldedCall, SessionRow } from '../../stores/calls.js';
import type { Site, Tracker } from '../../stores/settings.js';
import { decide } from '../attribution/decide.js';
import type { Decision, Facts } from '../attribution/facts.js';
import { readFacts, readModel } from '../attribution/stored-facts.js';
import type { OwnedNumber } from '../settings/settings.js';
import { channelFor } from '../sources/channel-rules.js';

/** The channel of what a source tracker's calls are credited to: nobody came to a page. */
const channelOfSource = (site: Site, { source, medium, campaign }: Tracker): string | null =>
  source === null
    ? null
    : channelFor(site.channel_rules, {
        source,
        medium,
        campaign,
        landingPath: null,
        referrerDomain: null,
        clickIds: [],
      });

/** What the decision means for reports: the named session's words, or the source tracker's. */
function creditOf(
  decision: Decision,
  { site, tracker }: Pick<OwnedNumber, 'site' | 'tracker'>,
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
      channel: session.channel,
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
    channel: isSource ? channelOfSource(site, tracker) : null,
    landing_page: null,
    device_type: null,
  };
}

/** Codes among the keys pressed: people end them with #, and press others before. */
const keyedIn = (keypad: string | null): string[] => keypad?.match(/\d+/g) ?? [];

/**
 * The facts as they are known now. Who was there when the call began is known best when it began: a later look at the
 * same call keeps that, and sees what came since (a code, a tap, a call before this one).
 */
async function factsOf(
  call: CallTransaction,
  { id, number: { site, tracker }, folded }: Attributed,
): Promise<{ facts: Facts; priorCalls: number }> {
  const known = await call.facts({
    siteId: site.id,
    number: folded.to,
    startedAt: folded.started_at,
    from: folded.from,
    codes: [...folded.codes, ...keyedIn(folded.keypad)],
    attributionDays: tracker.attribution_days,
    callId: id,
  });
  const { source, medium, campaign } = tracker;
  const facts: Facts = {
    started_at: folded.started_at.toISOString(),
    tracker: { type: tracker.type, source, medium, campaign },
    leases: known.leases,
    older: known.older,
    code: known.code,
    redial: known.redial,
    caller_country: folded.from === null ? null : countryOf(folded.from),
    model: readModel(known.model),
  };
  const stored = await call.latestFacts(id);
  const before = stored === null ? null : readFacts(stored);
  if (before?.started_at !== facts.started_at) return { facts, priorCalls: known.prior_calls };
  const seen = new Map(before.leases.map((lease) => [lease.lease_id, lease]));
  const leases = facts.leases.map((lease) => {
    const then = seen.get(lease.lease_id);
    return then ? { ...then, tapped_for: lease.tapped_for } : lease;
  });
  return { facts: { ...facts, leases }, priorCalls: known.prior_calls };
}

export interface Attributed {
  id: string;
  number: Pick<OwnedNumber, 'site' | 'tracker'>;
  folded: FoldedCall;
}

/** Decides whose call it was from what is known now, and keeps the decision beside the earlier ones. */
export async function attribute(call: CallTransaction, attributed: Attributed): Promise<Decision> {
  const { id, number, folded } = attributed;
  const { facts, priorCalls } = await factsOf(call, attributed);
  const decision = decide(facts);
  await keepDecision(call, { id, number, startedAt: folded.started_at, facts, decision, priorCalls });
  return decision;
}

/** Keeps a decision with its facts, and what reports need of it. */
export async function keepDecision(
  call: CallTransaction,
  given: Pick<Attributed, 'id' | 'number'> & {
    startedAt: Date;
    facts: Facts;
    decision: Decision;
    priorCalls: number;
  },
): Promise<void> {
  const { id, number, startedAt, facts, decision, priorCalls } = given;
  const { site } = number;
  const session = decision.session_id ? await call.session(site.id, decision.session_id) : null;
  const assignment = decision.lease_id ? await call.leaseAssignment(decision.lease_id) : null;
  const credit = creditOf(decision, number, session, assignment, startedAt);
  await call.addDecision(id, site.id, { ...decision, facts }, credit, priorCalls);
}
