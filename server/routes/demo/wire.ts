// What the demo's frame and its routes say to each other. Times in ISO 8601, lengths in seconds.

export interface DemoSource {
  source: string;
  medium: string | null;
  campaign: string | null;
  keyword: string | null;
}

export interface DemoSession extends DemoSource {
  id: string;
  landing_page_url: string;
  started_at: string;
  page_view_count: number;
}

export interface DemoReason {
  code: string;
  detail: string;
}

/** Somebody who may have called; without a session it stands for nobody that is known. */
export interface DemoCandidate {
  session_id: string | null;
  probability: number;
  reasons: DemoReason[];
  session: DemoSource | null;
}

/** A call that was just placed, and what the service made of it. */
export interface DemoCall {
  id: string;
  call_id: string;
  attribution: {
    method: string;
    confidence: number;
    session_id: string | null;
    reasons: DemoReason[];
    candidates: DemoCandidate[];
  };
  session: (DemoSource & { landing_page_url: string }) | null;
  route: { destination: string; tracker_id: string };
}

/** A call in the list, which anybody may read. */
export interface DemoListedCall extends DemoSource {
  start_time: string;
  status: string;
  duration: number | null;
  tracking_phone_number: string;
  /** The last four digits; null: withheld. */
  caller: string | null;
  method: string | null;
  confidence: number;
}
