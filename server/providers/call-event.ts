/**
 * What a telephony company tells us about a call, in our words. Numbers are E.164, times ISO 8601 UTC, lengths whole
 * seconds; null: it does not say. `call_id` is the provider's own id of the incoming call.
 */
export type CallEvent = StartEvent | EndEvent | DialEvent | CodeEvent;

/** How a call ended for the caller. */
export type CallOutcome = 'answered' | 'missed' | 'busy' | 'failed' | 'voicemail';

/** A call came in on one of our numbers. */
export interface StartEvent {
  type: 'start';
  call_id: string;
  to: string;
  /** null: withheld, or not a phone number. */
  from: string | null;
  started_at: string | null;
  caller: CallerDetails;
}

/** What the provider knows of the caller; only what it knows is there. */
export interface CallerDetails {
  name?: string;
  city?: string;
  state?: string;
  /** As the provider writes it; mostly ISO 3166-1 alpha-2. */
  country?: string;
}

/** The call is over. */
export interface EndEvent {
  type: 'end';
  call_id: string;
  to: string | null;
  from?: string | null;
  /** null: over, but not whether somebody answered; another event says that. */
  status: CallOutcome | null;
  /** As the provider counts it, with ringing and menus; talk_time is without. */
  duration: number | null;
  talk_time: number | null;
  ended_at: string | null;
  recording_url: string | null;
  /** What the caller keyed in. */
  keypad: string | null;
}

/** The leg to the destination is over. It says whether somebody answered. */
export interface DialEvent {
  type: 'dial';
  call_id: string;
  status: CallOutcome | null;
  talk_time: number | null;
  recording_url: string | null;
}

/** The caller gave a code that a page had shown them. */
export interface CodeEvent {
  type: 'code';
  call_id: string;
  code: string;
}
