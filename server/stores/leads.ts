import type { LeadStatus, ListPosition, Period } from './reports.js';

export type LeadType = 'form' | 'chat' | 'callback';

/** Someone who asked for contact otherwise than by a call, as a marketer sees it. */
export interface ReportedLead {
  id: string;
  site_id: string;
  type: LeadType;
  created_at: Date;
  name: string | null;
  /** As it was written. */
  phone: string | null;
  email: string | null;
  fields: Record<string, string>;
  page_url: string | null;
  /** null: without consent. */
  visitor_id: string | null;
  session_id: string | null;
  /** Those of the session; without one `(unknown)` and null. */
  source: string;
  medium: string | null;
  campaign: string | null;
  /** In the site's currency. */
  value: number | null;
  lead_status: LeadStatus | null;
}

export interface LeadFilter {
  /** null: of every site. */
  siteId: string | null;
  period: Period;
  types?: LeadType[];
}

export interface ListedLead {
  lead: ReportedLead;
  position: ListPosition;
}

/** What people write on a lead; left out: unchanged. */
export interface LeadPatch {
  value?: number | null;
  lead_status?: LeadStatus | null;
}

export interface LeadStore {
  /** Newest first, those after a position. */
  list(filter: LeadFilter, page: { after: ListPosition | null; limit: number }): Promise<ListedLead[]>;
  lead(id: string): Promise<ReportedLead | null>;
  change(id: string, patch: LeadPatch): Promise<void>;
}
