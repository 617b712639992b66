import type { LeaseAssignment } from './lease-store.js';

/** Where a visit came from, as it is kept with sessions and touches. */
export interface ArrivalRecord {
  source: string;
  medium: string;
  campaign: string | null;
  term: string | null;
  content: string | null;
  channel: string;
  /** The UTM parameters as given. */
  utm: Record<string, string>;
  clickIds: Record<string, string>;
  /** What makes this campaign another one; null: came by none. */
  campaignSignature: string | null;
  landingPageUrl: string;
  landingPage: string;
  landingParams: Record<string, string>;
  referringUrl: string | null;
  referrerDomain: string | null;
}

export interface LeaseProposal {
  leaseId: string;
  trackerId: string;
  number: string;
  assignment: LeaseAssignment;
  ownSeconds: number;
  minSeconds: number;
}

/** One page view, with the leases that came of it. */
export interface Visit {
  siteId: string;
  visitorId: string;
  page: { id: string; url: string; title: string | null; referrer: string | null };
  deviceType: string;
  /** ISO 3166-1 alpha-2; null: not known. */
  country: string | null;
  ids: Record<string, string>;
  arrival: ArrivalRecord;
  /** Leases to enter into the history. */
  proposed: LeaseProposal[];
  /** Leases that are there already: this view is a sign of their holder. */
  signed: LeaseProposal[];
  now?: Date;
}

/** What is known of a visitor when a visit comes in; null where there is nothing. */
export interface VisitorState {
  siteId: string;
  sessionId: string | null;
  lastSeenAt: Date | null;
  campaignSignature: string | null;
  landingPageUrl: string | null;
  referringUrl: string | null;
}

export interface SessionDecision {
  startsSession: boolean;
  isTouch: boolean;
}

/** The rule by which a visit continues a session or starts one (domain/sessions/decide-session.ts). */
export type DecideSession = (
  state: VisitorState | null,
  arrival: ArrivalRecord,
  now: Date,
) => SessionDecision;

export type VisitResult =
  | { kind: 'foreign' }
  | {
      kind: 'stored';
      sessionId: string;
      at: Date;
      /** Of the leases proposed and signed, those that stand. */
      standing: Set<string>;
    };

export interface SessionSource {
  source: string;
  medium: string;
  campaign: string | null;
  landingPage: string;
  referrerDomain: string | null;
  /** null: not derived yet. */
  channel: string | null;
  /** Milliseconds since its last sign. */
  idleMs: number;
}

export interface VisitStore {
  /**
   * Durable when it resolves. `foreign`: the id is another site's visitor, or one who withdrew; nothing was written.
   */
  add(visit: Visit): Promise<VisitResult>;
  /** Whether the visitor has held a number of the site before. */
  hasHeld(siteId: string, visitorId: string): Promise<boolean>;
  /** The visitor's current session, for choosing trackers by it. */
  currentSession(siteId: string, visitorId: string): Promise<SessionSource | null>;
  drain(): Promise<void>;
}
