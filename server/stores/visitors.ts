import type { LeadDetails } from '../../shared/events.js';

/** What visitors do besides looking at pages. */
export interface VisitorStore {
  /** A tel: link was opened while the visitor held the number. When that was; null: they are no visitor of the site. */
  addTap(tap: {
    siteId: string;
    visitorId: string;
    leaseId: string;
    number: string;
    now?: Date;
  }): Promise<Date | null>;
  /**
   * A short code of digits, unique on its site while it lives, the same for the same visitor and page. null: the
   * visitor is not one of this site.
   */
  giveCode(ask: { siteId: string; visitorId: string; pageUrl: string }): Promise<string | null>;
  /** A form was sent. Unknown visitors are kept out of it. */
  addLead(lead: {
    siteId: string;
    visitorId: string | null;
    pageUrl: string;
    details: LeadDetails;
  }): Promise<void>;
  /** Consent is gone: the visitor is no candidate any more, their leases end. Returns the trackers these were of. */
  withdraw(siteId: string, visitorId: string): Promise<string[]>;
}
