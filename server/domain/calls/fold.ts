import type {
  CallEvent,
  CallOutcome,
  CodeEvent,
  DialEvent,
  EndEvent,
  StartEvent,
} from '../../providers/call-event.js';
import type { CallStatus, FoldedCall, StoredCallEvent } from '../../stores/calls.js';

const DAY_MS = 86_400_000;

/** A provider's word on when a call began counts if it lies so far around the receipt; clocks may be that wrong. */
const STARTED_BEFORE_MS = 7 * DAY_MS;
const STARTED_AFTER_MS = 60_000;

/** Which word counts where events disagree: that somebody answered is never said by mistake. */
const RANK: CallOutcome[] = ['answered', 'voicemail', 'busy', 'missed', 'failed'];

type Received<E extends CallEvent> = { event: E; receivedAt: number };

const ofType = <E extends CallEvent>(events: StoredCallEvent[], type: E['type']): Received<E>[] =>
  events
    .filter((stored) => stored.event.type === type)
    .map((stored) => ({ event: stored.event as E, receivedAt: stored.received_at.getTime() }));

const known = <T>(values: (T | null | undefined)[]): T[] =>
  values.filter((value): value is T => value !== null && value !== undefined);

/** Of texts that disagree always the same one, whichever came first: the longest, then the greatest. */
const pickText = (values: (string | null | undefined)[]): string | null =>
  known(values).sort((a, b) => b.length - a.length || (a < b ? 1 : -1))[0] ?? null;

const greatest = (values: (number | null | undefined)[]): number | null => {
  const numbers = known(values);
  return numbers.length > 0 ? Math.max(...numbers) : null;
};

const least = (values: number[]): number | null => (values.length > 0 ? Math.min(...values) : null);

const time = (text: string | null | undefined): number | null => (text ? Date.parse(text) : null);

const endedAt = ({ event, receivedAt }: Received<EndEvent>): number => {
  const at = time(event.ended_at);
  // As far off as a start may be: from an end alone the start is reckoned.
  const counts = at !== null && at >= receivedAt - STARTED_BEFORE_MS && at <= receivedAt + STARTED_AFTER_MS;
  return counts ? at : receivedAt;
};

function startedAt(starts: Received<StartEvent>[], ends: Received<EndEvent>[]): number | null {
  // Measured from the first receipt, so that a claim does not begin to count, or cease to, when it is sent again.
  const received = least(starts.map((start) => start.receivedAt));
  const counts = (at: number) =>
    received !== null && at >= received - STARTED_BEFORE_MS && at <= received + STARTED_AFTER_MS;
  const said = least(known(starts.map(({ event }) => time(event.started_at))).filter(counts));
  if (said !== null) return said;
  const reckoned = least(ends.map((end) => endedAt(end) - (end.event.duration ?? 0) * 1000));
  const over = least(ends.map(endedAt));
  // A start that was delivered after the call was over says nothing of when it began.
  if (received !== null && (over === null || received <= over)) return received;
  return reckoned ?? received;
}

function statusOf(dials: Received<DialEvent>[], ends: Received<EndEvent>[]): CallStatus {
  const best = (outcomes: (CallOutcome | null)[]) => RANK.find((outcome) => outcomes.includes(outcome));
  const said = best(dials.map(({ event }) => event.status)) ?? best(ends.map(({ event }) => event.status));
  if (said) return said;
  // Over, and nothing says that anybody answered.
  return ends.length > 0 ? 'missed' : 'in_progress';
}

/**
 * The call that its events tell of; null while none says which number was called. Does not depend on the order in
 * which they were received, nor on how often. Pure.
 */
export function foldCall(events: StoredCallEvent[]): FoldedCall | null {
  const starts = ofType<StartEvent>(events, 'start');
  const ends = ofType<EndEvent>(events, 'end');
  const dials = ofType<DialEvent>(events, 'dial');
  const to = pickText(starts.map(({ event }) => event.to)) ?? pickText(ends.map(({ event }) => event.to));
  const started = startedAt(starts, ends);
  if (to === null || started === null) return null;
  const caller = (field: 'name' | 'city' | 'state' | 'country') =>
    pickText(starts.map(({ event }) => event.caller[field]));
  const over = least(ends.map(endedAt));
  return {
    to,
    from: pickText(starts.map(({ event }) => event.from)) ?? pickText(ends.map(({ event }) => event.from)),
    caller_name: caller('name'),
    caller_city: caller('city'),
    caller_state: caller('state'),
    caller_country: caller('country'),
    started_at: new Date(started),
    ended_at: over === null ? null : new Date(Math.max(over, started)),
    status: statusOf(dials, ends),
    duration: greatest(ends.map(({ event }) => event.duration)),
    talk_time: greatest([...dials, ...ends].map(({ event }) => event.talk_time)),
    recording_url: pickText([...dials, ...ends].map(({ event }) => event.recording_url)),
    keypad: pickText(ends.map(({ event }) => event.keypad)),
    codes: [...new Set(ofType<CodeEvent>(events, 'code').map(({ event }) => event.code))].sort(),
  };
}
