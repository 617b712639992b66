import { Problem } from '../../lib/errors.js';
import type { CallEvent, StartEvent } from '../../providers/call-event.js';
import type {
  AttributionRow,
  CallRow,
  CallStore,
  CallTransaction,
  EventRecord,
  FoldedCall,
  SessionRow,
} from '../../stores/calls.js';
import type { LeaseStore } from '../../stores/lease-store.js';
import type { OwnedNumber, Settings } from '../settings/settings.js';
import { attribute } from './attribute.js';
import { foldCall } from './fold.js';

export interface CallDeps {
  settings: Pick<Settings, 'numberForCall' | 'siteById' | 'trackerById'>;
  store: CallStore;
  leases: Pick<LeaseStore, 'hold'>;
  onLeaseFailure: (error: unknown) => void;
  /** Milliseconds by this machine's clock; only differences mean anything. */
  now: () => number;
}

/** An event on its way in. */
export interface IncomingEvent<E extends CallEvent = CallEvent> {
  provider: string;
  event: E;
  /** The body as the provider sent it. */
  body: unknown;
  /** The site that the sender's key or secret is bound to; null: all. */
  siteId: string | null;
}

/** An event as it was received: the same each time that it is tried to store it. */
export interface ReceivedEvent<E extends CallEvent = CallEvent> extends IncomingEvent<E> {
  /** Its own id: it is stored once. */
  id: string;
  /** When it came in: milliseconds by `now`. */
  at: number;
  /** The id of the call if this event makes it. */
  newCallId: string;
}

/** Anything that happens to a call after its start. */
export type LaterEvent = Exclude<CallEvent, StartEvent>;

/** Our id of a call, and its status. */
export interface ToldCall {
  id: string;
  status: string;
}

export interface Route {
  destination: string;
  tracker_id: string;
}

export interface StartedCall {
  id: string;
  call_id: string;
  duplicate: boolean;
  attribution: AttributionRow;
  session: SessionRow | null;
  route: Route;
}

/** Whose call it is: of the number's tracker and site when it came in, wherever the number has been moved since. */
export type CalledFor = Pick<OwnedNumber, 'tracker' | 'site'>;

function calledFor(deps: CallDeps, call: CallRow): CalledFor | null {
  const tracker = deps.settings.trackerById(call.tracker_id);
  const site = deps.settings.siteById(call.site_id);
  return tracker && site && { tracker, site };
}

/** The number called, if it is ours and the sender may speak of it. */
export async function owned(deps: CallDeps, to: string, siteId: string | null): Promise<CalledFor> {
  const found = await deps.settings.numberForCall(to);
  if (!found || (siteId !== null && found.site.id !== siteId)) {
    throw new Problem('unknown_number', 'The number called is not one of ours.');
  }
  return found;
}

/** A decision is made anew when what it rests on has changed: when the call began, who called, the codes given. */
function isDecidedAnew(before: CallRow | null, now: FoldedCall): boolean {
  if (!before) return true;
  return before.started_at.getTime() !== now.started_at.getTime() || before.caller_number !== now.from;
}

/** How long ago it came in; a clock that was set back says nothing. */
const ageOf = (deps: CallDeps, { at }: ReceivedEvent): number => Math.max(0, deps.now() - at);

/** The number that an event says was called; null: it does not say. */
export const numberNamed = (event: EventRecord): string | null =>
  'to' in event && typeof event.to === 'string' ? event.to : null;

export const mismatch = () =>
  new Problem('call_mismatch', 'This call id is known with another called number.');

/**
 * Folds the call from its events, stores it, and decides whose it was where that is new. An event that names another
 * number, told before ours was known, is not of this call.
 */
async function settle(
  call: CallTransaction,
  number: CalledFor,
  before: CallRow | null,
  {
    to,
    newCallId,
    hasNewCode,
    adopt,
  }: { to: string | null; newCallId: string; hasNewCode: boolean; adopt: boolean },
): Promise<{ id: string; folded: FoldedCall; starts: number } | null> {
  const called = before?.tracking_number ?? to;
  const events = (await call.events(number.site.id, adopt)).filter(
    ({ event }) => (numberNamed(event) ?? called) === called,
  );
  const folded = foldCall(events);
  if (!folded) return null;
  const id = before?.id ?? newCallId;
  await call.saveCall({
    ...folded,
    id,
    siteId: number.site.id,
    trackerId: number.tracker.id,
    destination: number.tracker.destination,
  });
  if (isDecidedAnew(before, folded) || hasNewCode) await attribute(call, { id, number, folded });
  return { id, folded, starts: events.filter(({ event }) => event.type === 'start').length };
}

/**
 * A call came in. Stored, joined to a visitor and routed; the same again gets the same answer. Durable when it
 * resolves. null: this very event was stored before.
 */
export async function startCall(
  deps: CallDeps,
  received: ReceivedEvent<StartEvent>,
  number: CalledFor,
): Promise<StartedCall | null> {
  const { provider, event, newCallId, siteId } = received;
  const key = { provider, callId: event.call_id };
  const isLeased = number.tracker.type === 'session';
  // Of a call that is stored late only what is left of it.
  const seconds = Math.ceil(number.tracker.reservation_seconds - ageOf(deps, received) / 1000);
  const started = await deps.store.withCall(key, async (call) => {
    const before = await call.find(number.site.id);
    if (before && before.tracking_number !== event.to) throw mismatch();
    if (!(await call.addEvent(number.site.id, { ...received, ageMs: ageOf(deps, received) }))) return null;
    const how = { to: event.to, newCallId, hasNewCode: false, adopt: siteId === null };
    const settled = await settle(call, number, before, how);
    if (!settled) throw new Error('a start event made no call');
    // An end that came before its start has made the call already.
    const duplicate = settled.starts > 1;
    if (!duplicate && isLeased && seconds > 0) await call.hold(event.to, seconds);
    const attribution = (await call.latestDecision(settled.id)) as AttributionRow;
    const session = attribution.session_id
      ? await call.session(number.site.id, attribution.session_id)
      : null;
    return { id: settled.id, duplicate, attribution, session };
  });
  if (!started) return null;
  if (!started.duplicate) keepFromOthers(deps, number, event.to, seconds);
  return { ...started, call_id: event.call_id, route: routeOf(number) };
}

export const routeOf = ({ tracker }: CalledFor): Route => ({
  destination: tracker.destination,
  tracker_id: tracker.id,
});

/** Tells the lease store of the call, which does not wait for it: the caller would. */
export function keepFromOthers(
  deps: CallDeps,
  { tracker }: CalledFor,
  number: string,
  seconds: number,
): void {
  if (tracker.type !== 'session' || seconds <= 0) return;
  deps.leases.hold(tracker.id, number, seconds).catch(deps.onLeaseFailure);
}

/**
 * Anything that happens to a call after its start, and maybe before it was told: kept in any case. Returns our id of
 * the call and its status, or null where nobody has said yet which number was called.
 */
export async function continueCall(
  deps: CallDeps,
  received: ReceivedEvent<LaterEvent>,
): Promise<ToldCall | null> {
  const { provider, event, siteId, newCallId } = received;
  const key = { provider, callId: event.call_id };
  const to = 'to' in event ? event.to : null;
  const called = to === null ? null : await deps.settings.numberForCall(to);
  const isOurs = called !== null && (siteId === null || called.site.id === siteId);
  return deps.store.withCall(key, async (call) => {
    const before = await call.find(siteId ?? (isOurs ? called.site.id : null));
    const number = before
      ? (calledFor(deps, before) ?? (await deps.settings.numberForCall(before.tracking_number)))
      : isOurs
        ? called
        : null;
    if (to !== null) {
      const earlier = before
        ? [before.tracking_number]
        : (await call.events(number?.site.id ?? siteId, siteId === null)).map(({ event }) =>
            numberNamed(event),
          );
      if (earlier.some((other) => other !== null && other !== to)) throw mismatch();
    }
    const of = before?.site_id ?? number?.site.id ?? siteId;
    const isNew = await call.addEvent(of, { ...received, ageMs: ageOf(deps, received) });
    if (!number || !isNew) return before && { id: before.id, status: before.status };
    const hasNewCode = event.type === 'code' || hasKeypad(event);
    const settled = await settle(call, number, before, { to, newCallId, hasNewCode, adopt: siteId === null });
    return settled && { id: settled.id, status: settled.folded.status };
  });
}

const hasKeypad = (event: CallEvent): boolean => event.type === 'end' && event.keypad !== null;
