import type { CodeEvent, StartEvent } from '../../providers/call-event.js';
import type { AttributionRow } from '../../stores/calls.js';
import type { Spool, SpooledEvent } from '../../stores/spool.js';
import { RULE_VERSION } from '../attribution/decide.js';
import { foldCall } from './fold.js';
import {
  type CallDeps,
  type CalledFor,
  keepFromOthers,
  type LaterEvent,
  mismatch,
  numberNamed,
  type ReceivedEvent,
  routeOf,
  type StartedCall,
  type ToldCall,
} from './take-event.js';

export interface SpoolDeps extends CallDeps {
  spool: Spool;
}

/** A disk that does not answer is no reason to keep a caller waiting; the event is in memory by then. */
const DISK_MS = 1_000;

async function keep({ spool }: SpoolDeps, event: SpooledEvent): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, DISK_MS);
  });
  await Promise.race([spool.add(event), late]);
  clearTimeout(timer);
}

const nobody = { visitor_id: null, session_id: null, lease_id: null };

/** The answer while nothing is decided: the facts are in the database. */
export function pendingDecision(at: number): AttributionRow {
  const detail = 'The database is away; decided when it is back.';
  const reasons = [{ code: 'pending', weight: 1, detail }];
  return {
    method: 'pending',
    confidence: 0,
    ...nobody,
    candidates: [{ ...nobody, probability: 1, reasons }],
    reasons,
    rule_version: RULE_VERSION,
    decided_at: new Date(at),
  };
}

const isStart = ({ event }: SpooledEvent): boolean => event.type === 'start';

/** What is spooled of an event, besides whose call it is. */
const recordOf = ({ id, at, provider, siteId, event, body }: ReceivedEvent) => ({
  id,
  at,
  provider,
  siteId,
  event,
  body,
});

/**
 * Spools the start of a call and answers as well as can be without the database: where to route it, and an id that
 * becomes the call's own unless the database knows it already. Throws `call_mismatch` where what waits says another
 * number.
 */
export async function spoolStart(
  deps: SpoolDeps,
  given: ReceivedEvent<StartEvent>,
  number: CalledFor,
): Promise<StartedCall> {
  const { provider, event } = given;
  const key = { provider, callId: event.call_id };
  const siteId = number.site.id;
  const waiting = deps.spool.ofCall(key, siteId);
  const made = waiting.find(({ calledFor }) => calledFor !== null);
  if (made && numberNamed(made.event) !== event.to) throw mismatch();

  const first = waiting.find(isStart);
  const newCallId = waiting[0]?.newCallId ?? given.newCallId;
  const calledFor = { siteId, trackerId: number.tracker.id };
  const kept = keep(deps, { ...recordOf(given), call: key, newCallId, calledFor });
  if (!first) keepFromOthers(deps, number, event.to, number.tracker.reservation_seconds);
  await kept;
  return {
    id: newCallId,
    call_id: event.call_id,
    duplicate: first !== undefined,
    attribution: pendingDecision(first?.at ?? given.at),
    session: null,
    route: routeOf(number),
  };
}

/**
 * Spools what happened to a call after its start. Returns its id and status where its start waits too; null: only the
 * database knows. Throws `call_mismatch` where what waits says another number.
 */
export async function spoolLater(
  deps: SpoolDeps,
  given: ReceivedEvent<LaterEvent>,
): Promise<ToldCall | null> {
  const { provider, event, siteId } = given;
  const key = { provider, callId: event.call_id };
  const to = numberNamed(event);
  const called = to === null ? null : await deps.settings.numberForCall(to);
  const isOurs = called !== null && (siteId === null || called.site.id === siteId);
  const calledFor = isOurs ? { siteId: called.site.id, trackerId: called.tracker.id } : null;

  const waiting = deps.spool.ofCall(key, calledFor?.siteId ?? siteId);
  const named = waiting.map(({ event }) => numberNamed(event));
  if (to !== null && named.some((other) => other !== null && other !== to)) throw mismatch();

  const newCallId = waiting[0]?.newCallId ?? given.newCallId;
  const record: SpooledEvent = { ...recordOf(given), call: key, newCallId, calledFor };
  await keep(deps, record);
  if (!waiting.some(isStart)) return null;
  const folded = foldCall(
    [...waiting, record].map(({ event, at }) => ({ event, received_at: new Date(at) })),
  );
  return folded && { id: newCallId, status: folded.status };
}

/** Spools a code for a call that only the database knows, by our id of it. */
export async function spoolCode(
  deps: SpoolDeps,
  id: string,
  given: ReceivedEvent<CodeEvent>,
): Promise<AttributionRow> {
  await keep(deps, { ...recordOf(given), call: { id }, newCallId: given.newCallId, calledFor: null });
  return pendingDecision(given.at);
}
