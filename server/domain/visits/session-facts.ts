import type { Tracker } from '../../stores/settings.js';
import type { ArrivalRecord, SessionSource, VisitStore } from '../../stores/visits.js';
import { type MatchFacts, needFacts } from '../leasing/choose-trackers.js';
import { IDLE_MS } from '../sessions/decide-session.js';
import { channelOf } from '../sources/channel.js';
import { pathOf } from '../sources/web-address.js';

const factsOf = (from: ArrivalRecord | SessionSource): MatchFacts => ({
  source: from.source,
  medium: from.medium,
  campaign: from.campaign,
  landingPath: pathOf(from.landingPage),
  referrerDomain: from.referrerDomain,
  channel: from.channel ?? channelOf(from),
});

/**
 * What trackers are matched with: the session that this visit will belong to. Read only where a tracker asks for it;
 * null: none does. A visitor without an id has no session but this arrival.
 */
export async function sessionFacts(
  visits: Pick<VisitStore, 'currentSession'>,
  visit: { siteId: string; visitorId: string | null; arrival: ArrivalRecord },
  trackers: Tracker[],
): Promise<MatchFacts | null> {
  if (!needFacts(trackers)) return null;
  if (visit.visitorId === null || visit.arrival.campaignSignature !== null) return factsOf(visit.arrival);
  const session = await visits.currentSession(visit.siteId, visit.visitorId);
  return factsOf(session && session.idleMs < IDLE_MS ? session : visit.arrival);
}
