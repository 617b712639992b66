/** What is counted at a time. */
export type Unit = 'day' | 'month';

/** By a zone's clocks: a day of 23, 24 or 25 hours, or a month. */
export interface Span {
  startsAt: Date;
  endsAt: Date;
}

/** A site, and what its counts depend on. */
export interface CountedSite {
  id: string;
  time_zone: string;
  min_confidence: number;
  qualified_seconds: number;
}

/** Sessions and calls counted by the day and the month. */
export interface SpanCounts {
  /** By the clock that tells which writing is late. */
  now(): Promise<Date>;
  sites(): Promise<CountedSite[]>;
  /** Takes back what was counted by other settings, and what was written into since, up to a time; nothing where another server is at it. */
  forget(site: CountedSite, until: Date): Promise<void>;
  /** Since when something is not counted; null: nothing is there. */
  since(site: CountedSite, unit: Unit): Promise<Date | null>;
  /**
   * Counts some of these spans that are not counted yet, and of months those whose days are; 0: none is left, or another
   * server is at it. Spans must have been over for `settledMs`.
   */
  count(site: CountedSite, unit: Unit, spans: Span[]): Promise<number>;
  /** How long a span must be over: a transaction that wrote into it without noting that is done by then. */
  settledMs: number;
}
