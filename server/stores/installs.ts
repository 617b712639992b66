/** What the script reported of one host. */
export interface InstallReport {
  siteId: string;
  host: string;
  /** Targets and tracking numbers that stood on its pages. */
  found: string[];
  /** Swaps answered since the last report. */
  swaps: number;
}

export interface InstallHost {
  host: string;
  last_seen_at: Date;
  swaps: number;
  found: { number: string; last_seen_at: Date }[];
}

export interface InstallStore {
  report(reports: InstallReport[]): Promise<void>;
  bySite(siteId: string): Promise<InstallHost[]>;
}
