import { Problem } from '../../lib/errors.js';
import { newId } from '../../lib/ids.js';
import type { CodeEvent, StartEvent } from '../../providers/call-event.js';
import type { AttributionRow } from '../../stores/calls.js';
import { type Access, sees } from '../settings/access.js';
import { pendingDecision, type SpoolDeps, spoolCode, spoolLater, spoolStart } from './spooled.js';
import {
  continueCall,
  type IncomingEvent,
  type LaterEvent,
  owned,
  type ReceivedEvent,
  type StartedCall,
  startCall,
  type ToldCall,
} from './take-event.js';

export interface ReceiveDeps extends SpoolDeps {
  postgres: {
    isAway(): boolean;
    /** Asks it now whether it is there. */
    check(): Promise<unknown>;
  };
  /** Whether an error says that Postgres cannot store anything for the moment. */
  isAway: (error: unknown) => boolean;
  /** A caller waits so long for Postgres, then is routed without it. */
  patienceMs: number;
}

/** Who has waited so long has Postgres asked whether it is there at all. */
const DOUBT_MS = 250;

const NOT_STORED = Symbol('not stored');

/** Runs `work`, unless Postgres is away, or goes away meanwhile, or takes too long; what it began may still be done. */
async function unlessAway<T>(deps: ReceiveDeps, work: () => Promise<T>): Promise<T | typeof NOT_STORED> {
  if (deps.postgres.isAway()) return NOT_STORED;
  const timers: NodeJS.Timeout[] = [];
  const late = new Promise<typeof NOT_STORED>((resolve) => {
    timers.push(
      setTimeout(() => void deps.postgres.check(), DOUBT_MS),
      setTimeout(() => resolve(NOT_STORED), deps.patienceMs),
    );
  });
  try {
    return await Promise.race([work(), late]);
  } catch (error) {
    if (deps.isAway(error)) return NOT_STORED;
    throw error;
  } finally {
    for (const timer of timers) clearTimeout(timer);
  }
}

const received = <E extends IncomingEvent['event']>(
  { now }: ReceiveDeps,
  incoming: IncomingEvent<E>,
): ReceivedEvent<E> => ({ ...incoming, id: newId(), at: now(), newCallId: newId() });

/** A call came in: stored, or spooled, and routed in any case. The same again gets the same answer. */
export async function receiveStart(
  deps: ReceiveDeps,
  incoming: IncomingEvent<StartEvent>,
): Promise<StartedCall> {
  const { provider, event, siteId } = incoming;
  const number = await owned(deps, event.to, siteId);
  const given = received(deps, incoming);
  // Behind its own events that wait, so that it is known by the id that was answered to them.
  if (deps.spool.ofCall({ provider, callId: event.call_id }, number.site.id).length === 0) {
    const started = await unlessAway(deps, () => startCall(deps, given, number));
    if (started !== NOT_STORED && started) return started;
  }
  return spoolStart(deps, given, number);
}

/** Anything that happens to a call after its start: stored, or spooled. null: nobody has said yet which call it is of. */
export async function receiveLater(
  deps: ReceiveDeps,
  incoming: IncomingEvent<LaterEvent>,
): Promise<ToldCall | null> {
  const { provider, event, siteId } = incoming;
  const given = received(deps, incoming);
  if (deps.spool.ofCall({ provider, callId: event.call_id }, siteId).length === 0) {
    const told = await unlessAway(deps, () => continueCall(deps, given));
    if (told !== NOT_STORED) return told;
  }
  return spoolLater(deps, given);
}

/** The caller gave a code: of the call with this id. Returns what is decided now. */
export async function receiveCode(
  deps: ReceiveDeps,
  { id, code, body, access }: { id: string; code: string; body: unknown; access: Access },
): Promise<AttributionRow> {
  const unknown = () => new Problem('not_found', 'There is no such call.');
  const event = (callId: string): CodeEvent => ({ type: 'code', call_id: callId, code });

  const [waiting] = deps.spool.ofNewCall(id);
  if (waiting && 'callId' in waiting.call) {
    const siteId = waiting.calledFor?.siteId ?? waiting.siteId;
    if (access.siteId !== null && access.siteId !== siteId) throw unknown();
    const { provider, callId } = waiting.call;
    await receiveLater(deps, { provider, event: event(callId), body, siteId });
    return pendingDecision(waiting.at);
  }
  const key = await unlessAway(deps, () => deps.store.keyOf(id));
  if (key === NOT_STORED) {
    // Whether there is such a call, only the database knows.
    const given = received(deps, { provider: '', event: event(''), body, siteId: access.siteId });
    return spoolCode(deps, id, given);
  }
  if (!key || !sees(access, key.siteId)) throw unknown();
  await receiveLater(deps, { provider: key.provider, event: event(key.callId), body, siteId: key.siteId });
  const decision = await unlessAway(deps, () => deps.store.latestDecision(id));
  return decision === NOT_STORED ? pendingDecision(deps.now()) : (decision as AttributionRow);
}
