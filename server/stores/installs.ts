/** What pages of one host reported. */
export interface InstallReport {
  siteId: string;
  host: string;
  /** Targets that stood on its pages. */
  found: string[];
  /** Places that were changed since the last report. */
  swaps: number;
  /** Whether a page looked for printed numbers. */
  isChecked: boolean;
  /** Tracking numbers that pages showed by themselves, and to whom; null: to nobody who is known. */
  printed: { number: string; visitorId: string | null }[];
}

export interface SeenNumber {
  number: string;
  last_seen_at: Date;
}

export interface InstallHost {
  host: string;
  last_seen_at: Date;
  /** When a page last looked for printed numbers; null: never yet. */
  checked_at: Date | null;
  swaps: number;
  found: SeenNumber[];
  printed: SeenNumber[];
}

export interface InstallStore {
  /**
   * Adds reports, each host once. Numbers that the visitor has ever held do not count as printed. Resolves to the hosts of
   * which a page is to be asked to look for printed numbers: each once an hour at most, however many servers report it.
   */
  report(reports: InstallReport[]): Promise<{ siteId: string; host: string }[]>;
  bySite(siteId: string): Promise<InstallHost[]>;
}
