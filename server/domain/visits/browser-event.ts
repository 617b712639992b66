import type { EventReply, EventRequest, EventStatus } from '../../../shared/events.js';
import type { Site } from '../../stores/settings.js';

/** An event that was let in: of a site we know, from an origin it allows, validated. */
export interface BrowserEvent {
  site: Site;
  request: EventRequest;
  userAgent: string;
  /** Where the browser is, ISO 3166-1 alpha-2, as the operator's proxy says; null: nobody says. */
  country: string | null;
  /** The client's address, for exclusions and limits; it is not stored. */
  address: string;
}

/** A reply without numbers: the page shows its own. */
export const plainReply = (
  status: EventStatus,
  ids: Pick<EventReply, 'visitor' | 'session'> = { visitor: null, session: null },
): EventReply => ({ ...ids, status, swaps: [], renew_after: null });
