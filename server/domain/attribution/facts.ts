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
  /** A code that the caller gave, resolved; null: none, or nobody's. */
  code: VisitorFact | null;
  /** The visitor that this caller's last call on the site was credited to. */
  redial: (VisitorFact & { call_id: string; confidence: number }) | null;
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
}

export type Method = 'code' | 'source' | 'redial' | 'recency' | 'unknown';

export interface Reason {
  code: string;
  /** The probability that this evidence alone gives. */
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
