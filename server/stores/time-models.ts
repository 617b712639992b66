/** What was learned of a site's callers, version by version; the model itself is the domain's. */
export interface TimeModelRow {
  site_id: string;
  version: number;
  learned_at: Date;
  /** The calls it was learned from began since then. */
  since: Date;
  calls: number;
  model: unknown;
}

/** What there was to call from in a period; counts and seconds as server/domain/attribution/learn.ts has them. */
export interface ExposureRow {
  open_seconds: number;
  leases: number[];
  taps: number;
  number_seconds: number;
}

export interface TimeModelStore {
  /** Sites whose calls have grown by a tenth, and by fifty at least, since they were learned from last. */
  due(now?: Date): Promise<{ site_id: string; version: number }[]>;
  /**
   * The facts of a site's newest first calls of the last 90 days, at most so many, in pieces; of callers whose number
   * was withheld every call, since each may be a first one.
   */
  calls(siteId: string, limit: number, now?: Date): AsyncIterable<{ started_at: Date; facts: unknown }[]>;
  /** `delays`: means in seconds. `dialling`: the first seconds of each page, which do not count. */
  exposure(
    siteId: string,
    period: { since: Date; until: Date },
    terms: { delays: number[]; dialling: number },
  ): Promise<ExposureRow>;
  /** false: another server was faster. */
  add(row: TimeModelRow): Promise<boolean>;
  now(): Promise<Date>;
}
