import type { CallKey, EventRecord } from './calls.js';

/** A call event that could not be stored in the database when it came in, with all that it takes to do so later. */
export interface SpooledEvent {
  /** The event's own: the database keeps each id once, however often it is told. */
  id: string;
  /** When it came in: milliseconds by this machine's clock, of which only differences count. */
  at: number;
  provider: string;
  /** Which call: by the provider's key, or by our id, where only the database knows the key. */
  call: CallKey | { id: string };
  /** The site that the sender's key or secret is bound to; null: all. */
  siteId: string | null;
  /** The id of the call if this event makes it. */
  newCallId: string;
  /** Whose the number called was when the event came in; null: it names none, or none of ours. */
  calledFor: { siteId: string; trackerId: string } | null;
  event: EventRecord;
  body: unknown;
}

/** Where an event was kept: `disk` survives a crash, `memory` does not, `dropped` was one too many. */
export type Kept = 'disk' | 'memory' | 'dropped';

export interface SpoolState {
  /** Events that are not in the database yet. */
  waiting: number;
  /** Of these, the ones that the disk does not have: a crash loses them. */
  inMemory: number;
  /** Events lost since the start, since there was no room for them anywhere. */
  dropped: number;
  /** Events set aside since the start, since the database would not have them. */
  refused: number;
}

/** Call events on disk while the database is away, in the order in which they came in. */
export interface Spool {
  /** Keeps an event. Never rejects: what the disk refuses stays in memory, up to a bound. */
  add(event: SpooledEvent): Promise<Kept>;
  /** The events of a call that wait, in order; those that the sender of this site may mean. */
  ofCall(key: CallKey, siteId: string | null): SpooledEvent[];
  /** The events that wait of a call that is known by the id that it will get. */
  ofNewCall(id: string): SpooledEvent[];
  next(): SpooledEvent | null;
  /** Lets those behind it go first. */
  postpone(event: SpooledEvent): void;
  /** It is in the database. */
  done(event: SpooledEvent): void;
  /** The database will not have it: kept for people in `refused.jsonl`. Where that fails too it waits on, behind all others. */
  setAside(event: SpooledEvent, reason: string): Promise<void>;
  state(): SpoolState;
  close(): Promise<void>;
}
