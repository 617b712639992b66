import type { ArrivalRecord, SessionDecision, VisitorState } from '../../stores/visits.js';

/** A session ends after so long without a sign. */
export const IDLE_MS = 30 * 60 * 1000;

/**
 * Whether a visit continues the visitor's session or starts one: a session ends after 30 idle minutes, or when a new
 * campaign or click id arrives. Every start is a touch, and so is a later arrival from outside. Pure.
 */
export function decideSession(
  state: VisitorState | null,
  arrival: ArrivalRecord,
  now: Date,
): SessionDecision {
  if (!state?.sessionId || !state.lastSeenAt) return { startsSession: true, isTouch: true };
  if (now.getTime() - state.lastSeenAt.getTime() >= IDLE_MS) return { startsSession: true, isTouch: true };
  if (arrival.campaignSignature !== null && arrival.campaignSignature !== state.campaignSignature) {
    return { startsSession: true, isTouch: true };
  }
  // The same page asked for again (a reload, a second tab, a landing not yet acknowledged) is the same arrival.
  const sameArrival =
    arrival.landingPageUrl === state.landingPageUrl && arrival.referringUrl === state.referringUrl;
  return { startsSession: false, isTouch: arrival.source !== '(direct)' && !sameArrival };
}
