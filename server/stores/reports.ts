import type { CallStatus } from './calls.js';
import type { LeaseEnd } from './lease-history.js';
import type { LeaseAssignment } from './lease-store.js';
import type { Grouping, Measured } from './measures.js';

// What a marketer reads, in the names of the contract. Times as Date, lengths in seconds.

/** Half-open: `from` counts, `until` does not. */
export interface Period {
  from: Date;
  until: Date;
}

/**
 * Which calls count. Several values of one field: any of them. '' among the values of a credited field, which is
 * never a value itself, stands for a call that has none.
 */
export interface CallFilter {
  /** null: of every site. */
  siteId: string | null;
  period: Period;
  /** Where the credit begins, in place of each site's own; null: each site's own. */
  minConfidence: number | null;
  /** `only`: nothing but spam. */
  spam: 'without' | 'only' | 'with';
  trackerIds?: string[];
  statuses?: CallStatus[];
  answered?: boolean;
  firstCall?: boolean;
  leadStatuses?: LeadStatus[];
  minDuration?: number;
  maxDuration?: number;
  tags?: string[];
  /** A text that the caller's number or name, the note, a tag or the tracking number contains. */
  q?: string;
  /** Those of the credit. */
  sources?: string[];
  mediums?: string[];
  campaigns?: string[];
  keywords?: string[];
  contents?: string[];
  landingPages?: string[];
  referrerDomains?: string[];
  channels?: string[];
  devices?: string[];
  /** Of the address where the credited visit landed; all of them. */
  landingParams?: LandingParam[];
}

/** A parameter of a landing page's address, with any of the values; null: with whatever value. */
export interface LandingParam {
  name: string;
  values: string[] | null;
}

/** `not_scored` in a filter includes the calls that nobody has scored. */
export type LeadStatus = 'good_lead' | 'not_a_lead' | 'not_scored';

/** Where a call or a lead stands in a list: newest first, then by id. */
export interface ListPosition {
  /** When it began or came; ISO 8601 in UTC with microseconds. */
  time: string;
  id: string;
}

/** The five UTM parameters as they were given. */
export interface UtmFields {
  utm_source: string | null;
  utm_medium: string | null;
  utm_campaign: string | null;
  utm_term: string | null;
  utm_content: string | null;
}

export interface ReportedReason {
  code: string;
  weight: number;
  detail: string;
}

/** Whom a decision speaks of; all null: nobody. */
interface Named {
  session_id: string | null;
  visitor_id: string | null;
  lease_id: string | null;
}

/** Why a call was given to whom, without the facts. */
export interface ReportedAttribution extends Named {
  method: 'code' | 'tap' | 'source' | 'redial' | 'recency' | 'unknown' | 'pending';
  confidence: number;
  candidates: (Named & { probability: number; reasons: ReportedReason[] })[];
  reasons: ReportedReason[];
  rule_version: number;
  decided_at: Date;
}

/**
 * A call as a marketer sees it. What is told of its visit (source to device_type, seconds_to_call) is told only where
 * the call is credited; else source is `(unknown)` and the rest null. Whom the decision names stays in the ids.
 */
export interface ReportedCall extends UtmFields {
  id: string;
  call_id: string;
  provider: string;
  site_id: string;
  tracker_id: string;
  start_time: Date;
  duration: number | null;
  talk_time: number | null;
  status: CallStatus;
  answered: boolean;
  voicemail: boolean;
  customer_phone_number: string | null;
  customer_name: string | null;
  customer_city: string | null;
  customer_state: string | null;
  customer_country: string | null;
  tracking_phone_number: string;
  business_phone_number: string;
  source: string;
  medium: string | null;
  campaign: string | null;
  keyword: string | null;
  content: string | null;
  channel: string | null;
  gclid: string | null;
  fbclid: string | null;
  msclkid: string | null;
  yclid: string | null;
  landing_page_url: string | null;
  landing_params: Record<string, string> | null;
  last_requested_url: string | null;
  referring_url: string | null;
  device_type: string | null;
  first_call: boolean;
  prior_calls: number;
  seconds_to_call: number | null;
  assignment: LeaseAssignment | 'source' | null;
  lead_status: LeadStatus | null;
  value: number | null;
  tags: string[];
  note: string | null;
  spam: boolean;
  recording: string | null;
  visitor_id: string | null;
  session_id: string | null;
  lease_id: string | null;
  attribution: ReportedAttribution | null;
}

export interface ListedCall {
  call: ReportedCall;
  position: ListPosition;
}

export interface ReportedSession extends UtmFields {
  id: string;
  site_id: string;
  visitor_id: string;
  started_at: Date;
  last_seen_at: Date;
  source: string;
  medium: string;
  campaign: string | null;
  keyword: string | null;
  content: string | null;
  channel: string | null;
  click_ids: Record<string, string>;
  landing_page_url: string;
  landing_page: string;
  landing_params: Record<string, string>;
  last_requested_url: string;
  referring_url: string | null;
  referrer_domain: string | null;
  device_type: string;
  /** ISO 3166-1 alpha-2; null: not known. */
  country: string | null;
  page_view_count: number;
  ids: Record<string, string>;
}

export interface ReportedTouch {
  id: string;
  session_id: string;
  touched_at: Date;
  source: string;
  medium: string;
  campaign: string | null;
  keyword: string | null;
  content: string | null;
  channel: string | null;
  click_ids: Record<string, string>;
  landing_page_url: string;
  referring_url: string | null;
}

/** A touch kept with a call. */
export interface ReportedCallTouch extends ReportedTouch {
  /** The first of all. */
  first: boolean;
  last: boolean;
  /** The last in the window that is not direct. */
  last_not_direct: boolean;
  /** Within the attribution window. */
  in_window: boolean;
}

export interface ReportedPageView {
  id: string;
  session_id: string;
  viewed_at: Date;
  url: string;
  title: string | null;
  referrer: string | null;
}

export interface ReportedLease {
  id: string;
  tracker_id: string;
  number: string;
  visitor_id: string;
  session_id: string | null;
  assignment: LeaseAssignment;
  leased_at: Date;
  last_seen_at: Date;
  reserved_until: Date;
  ended_at: Date | null;
  end_reason: LeaseEnd | null;
}

export interface ReportedDecision extends ReportedAttribution {
  id: string;
  facts: unknown;
}

/** How a call came about: whom the decision names, credited or not, and all decisions, the newest first. */
export interface CallJourney {
  session: ReportedSession | null;
  /** Of the visitor, within the attribution window until the call began, and the first of all; oldest first. */
  touches: ReportedCallTouch[];
  /** Of the visitor within the attribution window, until the call began; the newest 200, oldest first. */
  page_views: ReportedPageView[];
  lease: ReportedLease | null;
  decisions: ReportedDecision[];
}

/** What belongs to one session; page views the first 1,000, all oldest first but calls. */
export interface SessionJourney {
  page_views: ReportedPageView[];
  touches: ReportedTouch[];
  leases: ReportedLease[];
  calls: ReportedCall[];
}

/** What people write on a call; left out: unchanged. */
export interface CallPatch {
  tags?: string[];
  append_tags?: string[];
  note?: string | null;
  value?: number | null;
  lead_status?: LeadStatus | null;
  customer_name?: string | null;
  spam?: boolean;
}

/** Tags to take off, then tags to put on. */
export interface TagChange {
  add?: string[];
  remove?: string[];
}

export interface TaggedCall {
  id: string;
  /** `too_many_tags`: it would carry more than 100, and stays as it was. */
  result: 'ok' | 'too_many_tags';
  /** Those it has now. */
  tags: string[];
}

export interface ReportStore {
  /** The site where there is only one, so that nobody has to name it; null: none or several. */
  soleSite(): Promise<string | null>;
  /** Newest first, those after a position. */
  calls(filter: CallFilter, page: { after: ListPosition | null; limit: number }): Promise<ListedCall[]>;
  call(id: string): Promise<ReportedCall | null>;
  journeyOfCall(id: string): Promise<CallJourney | null>;
  /** False: no such call. Throws `invalid_request` where the call would carry more than 100 tags. */
  changeCall(id: string, patch: CallPatch): Promise<boolean>;
  /** Changes all of the calls or none; of one site, null: of any. Those that are not there are left out. */
  changeTags(ids: string[], siteId: string | null, change: TagChange): Promise<TaggedCall[]>;
  session(id: string): Promise<ReportedSession | null>;
  journeyOfSession(session: ReportedSession): Promise<SessionJourney>;
  /** Counts what a filter finds, by group and in all. Throws `invalid_request` where there are more than 50,000 groups. */
  measure(filter: CallFilter, by: Grouping): Promise<Measured>;
}
