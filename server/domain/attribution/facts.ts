import type { EarlierCall, OlderLeases } from '../../stores/calls.js';
import type { TimeModel } from './time-model.js';

export type { EarlierCall, OlderLeases };

/** Everything a decision is made of, stored beside it: the same facts and rules give the same decision. */
export interface Facts {
  /** ISO 8601. */
  started_at: string;
  /** The called number's tracker. */
  tracker: {
    type: 'session' | 'source';
    source: string | null;
    medium: string | null;
    campaign: string | null;
  };
  /** Leases of the called number that the call may still be credited to, newest first. */
  leases: LeaseFact[];
  /** How many more leases it may be credited to, by their age; each is too unlikely to be looked at by itself. */
  older: OlderLeases[];
  /** A code that the caller gave, resolved; null: none, or nobody's. */
  code: VisitorFact | null;
  /** An earlier call of this caller on the site, and whose it was said to be; null: none, or of a shared phone. */
  redial: EarlierCall | null;
  /** ISO 3166-1 alpha-2, by the caller's number; null: withheld or not known. */
  caller_country: string | null;
  /** How callers of the site behave, as it was known then. */
  model: TimeModel;
}

export interface VisitorFact {
  visitor_id: string;
  /** Their latest session before the call. */
  session_id: string | null;
}

export interface LeaseFact {
  lease_id: string;
  visitor_id: string;
  /** The visitor's latest session while they held the number. */
  session_id: string | null;
  /** Seconds from the moment the number was first shown to this visitor until the call began. */
  shown_for: number;
  /** Seconds from their last sign until the call began; 0: they gave signs later than that too. */
  silent_for: number;
  /** They had not left the page when the call began, as far as is known. */
  page_open: boolean;
  /** Seconds from their last tap on the number until the call began; null: none within minutes. */
  tapped_for: number | null;
  /** ISO 3166-1 alpha-2, of the session; null: not known. */
  country: string | null;
}

export type Method = 'code' | 'tap' | 'source' | 'redial' | 'recency' | 'unknown';

export interface Reason {
  /** What kind of evidence: docs/attribution.md lists them. */
  code: string;
  /** Of evidence that names somebody, the probability that it gives alone; of evidence that only tilts, its factor. */
  weight: number;
  detail: string;
}

/** Who it may have been. All ids null: nobody we know of. */
export interface Candidate {
  session_id: string | null;
  visitor_id: string | null;
  lease_id: string | null;
  probability: number;
  reasons: Reason[];
}

export interface Decision {
  method: Method;
  /** Probability, 0 to 1, of what is named; 0 when nobody is. */
  confidence: number;
  session_id: string | null;
  visitor_id: string | null;
  lease_id: string | null;
  /** The ten likeliest and `unknown`, which holds the rest. Their probabilities sum to 1. */
  candidates: Candidate[];
  reasons: Reason[];
  rule_version: number;
}
