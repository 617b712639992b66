// What reports count, and by what.

/** What reports can be grouped by, stretches of time aside. */
export type GroupColumn =
  | 'source'
  | 'medium'
  | 'campaign'
  | 'keyword'
  | 'content'
  | 'channel'
  | 'landing_page'
  | 'referrer_domain'
  | 'device'
  | 'site'
  | 'tracker'
  /** Of the day, 0 to 23. */
  | 'hour'
  /** 1 to 7 from Monday (ISO 8601). */
  | 'weekday'
  /** A parameter of the address where the visit landed. */
  | `landing_param:${string}`;

/**
 * Which of a visitor's touches a call is credited to: that of the visit (of a direct one the last in the window that is not), the last, the first of
 * all, all in the window alike, or the first and the last with 40 % each and 20 % for those between.
 */
export type AttributionModel = 'last_touch' | 'last_click' | 'first_touch' | 'linear' | 'position_based';

/**
 * What is counted. All but unique_calls, average_duration and leads add up over the groups; a caller or a lead that
 * appears in two groups counts in both and once in the total. Models that share a call between touches count parts of
 * it, to the millionth, that add up to whole calls.
 */
export interface Metrics {
  /** That began in the period. Filters on what only calls have do not apply to them. */
  sessions: number;
  calls: number;
  /**
   * Callers, each once on a site; every call from a withheld number is a caller of its own. With `uniqueDays` calls whose
   * caller did not call in so many days before: those add up.
   */
  unique_calls: number;
  answered_calls: number;
  /** Missed, busy, failed, voicemail. */
  missed_calls: number;
  first_time_callers: number;
  /** Answered, and at least the site's qualified_seconds long: talk time, else duration. */
  qualified_calls: number;
  /** Credited to nobody. */
  unknown_calls: number;
  /** Seconds; null where no call has ended. */
  average_duration: number | null;
  /**
   * People who asked for contact, each once: by phone number, else by visitor. Callers, but not those of calls marked
   * not_a_lead or spam; senders of forms, not of those marked not_a_lead, unless a filter asks for what only calls have.
   */
  leads: number;
  /** Of calls and forms. */
  value: number;
  /** Of days whose beginning lies in the period; null: costs are not told by what is asked for. */
  cost: number | null;
  clicks: number | null;
  impressions: number | null;
}

export interface Grouping {
  columns: GroupColumn[];
  /**
   * Where the stretches of time begin, ascending, the first at the start of the period; each ends where the next
   * begins. null: not by time.
   */
  starts: Date[] | null;
  /** None of them is shorter than a day: costs are told by the day. */
  areDays: boolean;
  /** By whose clocks hours, weekdays and days of costs are told, IANA. */
  zone: string;
  model: AttributionModel;
  /** A call is unique if its caller did not call the site, or its tracker, in so many days before; null: callers are counted. */
  unique: { days: number | null; per: 'site' | 'tracker' };
}

export interface MeasuredGroup {
  keys: Partial<Record<GroupColumn, string | number | null>>;
  /** Which of the stretches, from 0; null: not by time. */
  stretch: number | null;
  metrics: Metrics;
}

export interface Measured {
  total: Metrics;
  groups: MeasuredGroup[];
}
