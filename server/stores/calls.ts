export type CallStatus = 'in_progress' | 'answered' | 'missed' | 'busy' | 'failed' | 'voicemail';

/** An event in our words (providers/call-event.ts); what it says is kept as it is, and read by the fold alone. */
export interface EventRecord {
  type: 'start' | 'end' | 'dial' | 'code';
}

export interface StoredCallEvent {
  event: EventRecord;
  received_at: Date;
}

/** What the events of one call add up to. */
export interface FoldedCall {
  to: string;
  from: string | null;
  caller_name: string | null;
  caller_city: string | null;
  caller_state: string | null;
  caller_country: string | null;
  started_at: Date;
  ended_at: Date | null;
  status: CallStatus;
  /** Seconds. */
  duration: number | null;
  talk_time: number | null;
  recording_url: string | null;
  keypad: string | null;
  /** What the caller gave as a code, sorted. */
  codes: string[];
}

/** Which call an event is of. */
export interface CallKey {
  provider: string;
  callId: string;
}

export interface CallRow {
  id: string;
  site_id: string;
  tracker_id: string;
  tracking_number: string;
  caller_number: string | null;
  started_at: Date;
  status: CallStatus;
}

/** A lease of the called number, with ages reckoned to the start of the call, in seconds. */
export interface CandidateLease {
  lease_id: string;
  visitor_id: string;
  session_id: string | null;
  shown_for: number;
  silent_for: number;
  /** The page had not been left when the call began. */
  page_open: boolean;
  /** Since the holder's last tap on the number; null: none within minutes. */
  tapped_for: number | null;
  /** Of the session, ISO 3166-1 alpha-2; null: not known. */
  country: string | null;
}

/** Leases that are not looked at one by one: so many of an age between these, in seconds before the call. */
export interface OlderLeases {
  from: number;
  to: number;
  count: number;
}

export interface KnownVisitor {
  visitor_id: string;
  session_id: string | null;
}

/** An earlier call of a caller; visitor_id null: it was said to be nobody's. */
export interface EarlierCall {
  call_id: string;
  visitor_id: string | null;
  session_id: string | null;
  confidence: number;
  /** It was to the number that is called now. */
  same_number: boolean;
  /** Who else it may have been. */
  others: { visitor_id: string; probability: number }[];
}

export interface CallFacts {
  leases: CandidateLease[];
  older: OlderLeases[];
  code: KnownVisitor | null;
  redial: EarlierCall | null;
  prior_calls: number;
  /** The site's time model, the domain's; null: none was learned yet. */
  model: unknown;
}

/** The decision as it is stored; its parts are the domain's. */
export interface DecisionRow {
  method: string;
  confidence: number;
  visitor_id: string | null;
  session_id: string | null;
  lease_id: string | null;
  candidates: unknown[];
  reasons: unknown[];
  facts: unknown;
  rule_version: number;
}

export interface SessionRow {
  id: string;
  started_at: Date;
  source: string;
  medium: string;
  campaign: string | null;
  term: string | null;
  content: string | null;
  channel: string | null;
  landing_page: string;
  landing_page_url: string;
  device_type: string;
}

/** What a report reads of a decision: copied to the call. */
export interface Credit {
  assignment: string | null;
  seconds_to_call: number | null;
  source: string | null;
  medium: string | null;
  campaign: string | null;
  keyword: string | null;
  content: string | null;
  channel: string | null;
  landing_page: string | null;
  device_type: string | null;
}

/** The attribution as the API shows it. */
export interface AttributionRow extends Omit<DecisionRow, 'facts'> {
  decided_at: Date;
}

/** One call, locked against other events of it until the transaction ends. */
export interface CallTransaction {
  now(): Promise<Date>;
  /** The call that this key stands for: of the given site, or, where the sender serves all sites, of the only one. */
  find(siteId: string | null): Promise<CallRow | null>;
  /** Keeps an event, received so many milliseconds ago. false: it is kept already, and all that follows from it done. */
  addEvent(
    siteId: string | null,
    given: { id: string; ageMs: number; event: EventRecord; body: unknown },
  ): Promise<boolean>;
  /**
   * Every event of the call; no site: those whose site is not known. `adopt`: those that came before their site was known become the site's; only for a sender
   * who serves all sites, since another site may use the same id.
   */
  events(siteId: string | null, adopt: boolean): Promise<StoredCallEvent[]>;
  /** What the decision needs to know, as of the start of the call. */
  facts(ask: {
    siteId: string;
    number: string;
    startedAt: Date;
    from: string | null;
    codes: string[];
    attributionDays: number;
    callId: string | null;
  }): Promise<CallFacts>;
  session(siteId: string, sessionId: string): Promise<SessionRow | null>;
  leaseAssignment(leaseId: string): Promise<string | null>;
  /** Writes what the events add up to; makes the call if it is new. */
  saveCall(
    call: FoldedCall & { id: string; siteId: string; trackerId: string; destination: string },
  ): Promise<void>;
  /** Keeps a decision, and with the call what it means for reports: the credit, and the touches of whom it names. */
  addDecision(
    callId: string,
    siteId: string,
    decision: DecisionRow,
    credit: Credit,
    priorCalls: number,
  ): Promise<Date>;
  latestDecision(callId: string): Promise<AttributionRow | null>;
  /** What the latest decision was made of; null: there is none yet. */
  latestFacts(callId: string): Promise<unknown>;
  /** The number stays reserved for so many seconds more; its visitor gave no sign by it. */
  hold(number: string, seconds: number): Promise<void>;
}

export interface CallStore {
  /**
   * Runs `work` with the call locked; committed when it resolves, nothing written when it throws. Run again where it
   * lost a race with another transaction.
   */
  withCall<T>(key: CallKey, work: (call: CallTransaction) => Promise<T>): Promise<T>;
  latestDecision(callId: string): Promise<AttributionRow | null>;
  /** Calls of the site to this number that began at about that time, as far as a tap told late may have led to them. */
  callsAround(siteId: string, number: string, at: Date): Promise<CallKey[]>;
  /** The provider's key of a call by our id, for events that name it so. */
  keyOf(id: string): Promise<(CallKey & { siteId: string }) | null>;
}
