/** What the snippet and the service say to each other (`POST /v1/events`). Types only: the snippet pays no byte for them. */

export type EventType = 'view' | 'renew' | 'leave' | 'tap' | 'code' | 'lead' | 'withdraw';

/** The page an event came from. `id` is made by the page, once per page view, so that a repeated view counts once. */
export interface EventPage {
  id?: string;
  url: string;
  referrer: string;
  title?: string;
}

/** What a visitor left to be contacted; only fields that the site owner named. */
export interface LeadDetails {
  name?: string;
  phone?: string;
  email?: string;
  fields?: Record<string, string>;
}

/** The body of `POST /v1/events`, sent as text/plain so that no preflight is needed. Numbers are E.164. */
export interface EventRequest {
  type: EventType;
  /** The site's public key. */
  site: string;
  /** UUID made by the browser; absent without storage consent. */
  visitor?: string | null;
  session?: string | null;
  page: EventPage;
  /** The first page of which no view was acknowledged, often `page` itself. */
  landing?: Pick<EventPage, 'url' | 'referrer'>;
  /** The targets that the page shows. */
  found: string[];
  /** Other tools' ids of this visitor (ga, ga_session, ym, fbp, fbc …), or their cookies as they are (_ga, _ga_… …). */
  ids?: Record<string, string>;
  /** The same cookies as the browser tells them: `_ga=GA1.1.…`. */
  cookies?: string[];
  consent?: 'full' | 'none';
  /** What is shown, and in how many places of the page. */
  swaps?: { places: number }[];
  /** What the page shows by itself that may be phone numbers, as they are written: no targets, and none that we put there. */
  printed?: string[];
  /** false: nothing can be kept in this browser. */
  storage?: boolean;
  /** `tap`: the number of the link that was opened, as the link has it. */
  number?: string;
  /** `lead`: what the form said. */
  lead?: LeadDetails;
}

export type Assignment = 'exclusive' | 'elastic' | 'source';

/** One number to show in place of one target. A source tracker's swap has no lease and never expires. */
export interface Swap {
  target: string;
  number: string;
  /** The number as people of the site's region write it. */
  display: string;
  lease: string | null;
  expires_at: string | null;
  /** Seconds for which the number is promised, counted from when the browser asked. */
  expires_in: number | null;
  assignment: Assignment;
}

export type EventStatus = 'ok' | 'no_number' | 'no_target' | 'bot' | 'excluded' | 'unavailable';

/** The answer to `view`, `renew` and `code`. A target absent from `swaps` shows the page's own number. */
export interface EventReply {
  visitor: string | null;
  session: string | null;
  status: EventStatus;
  swaps: Swap[];
  /** Seconds until the page may ask again; null: do not ask. */
  renew_after: number | null;
  code?: string;
  /** What to look for, told to a view that found none of it: the versioned script knows nothing. As in SnippetConfig. */
  targets?: string[];
  pattern?: string;
  hint?: string;
  /** Asks the page that viewed to look for phone numbers that stand in it, and to tell them as `printed`. */
  check?: boolean;
}

/** What the service puts in front of the snippet of one site. */
export interface SnippetConfig {
  /** The site's public key. */
  site: string;
  /** Numbers printed on the site's pages, E.164; those with more national digits first. */
  targets: string[];
  /**
   * What finds them in a text: source of a regular expression for the flags `gi`, with one group a target, in their order. It captures
   * the national digits with what stands between. Adjacent texts are joined with one U+0000, lines parted by two.
   */
  pattern: string;
  /** What says cheaply that a text may have one, maybe over several nodes: source of a regular expression without flags. */
  hint: string;
  /** Where to send events: the origin that served the script. */
  origin: string;
  /** The domain on which the site's hosts may keep one cookie together; absent: each keeps its own. */
  domain?: string;
}
