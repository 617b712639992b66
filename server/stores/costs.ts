/** What was spent on a day, a source, a medium, a campaign and a keyword, in names as sessions have them; '' for none. */
export interface Cost {
  /** A day of the site's calendar, as `2026-10-31`. */
  date: string;
  source: string;
  medium: string;
  campaign: string;
  keyword: string;
  /** In the site's currency, to the hundredth of a cent. */
  cost: number;
  /** null: not told. */
  clicks: number | null;
  impressions: number | null;
}

export interface StoredCost extends Cost {
  site_id: string;
  /** ISO 4217. */
  currency: string;
  /** That of a session with the same names (stores/channels.ts); null: not derived yet. */
  channel: string | null;
  updated_at: Date;
}

/** What costs are told apart by, in the order of the list. */
export type CostKey = Pick<StoredCost, 'site_id' | 'date' | 'source' | 'medium' | 'campaign' | 'keyword'>;

/** Which costs; both dates are included. null: all. */
export interface CostFilter {
  siteId: string | null;
  startDate: string | null;
  endDate: string | null;
  source: string | null;
}

export interface CostStore {
  /**
   * Writes all or none, each in place of the one with the same key, of which there is one at most among them, with its
   * channel by the site's rules. Throws `conflict` where the site counts in another currency by now.
   */
  save(site: { id: string; currency: string }, costs: readonly Cost[]): Promise<void>;
  /** In the order of their keys, those after a key. */
  list(filter: CostFilter, page: { after: CostKey | null; limit: number }): Promise<StoredCost[]>;
  remove(filter: CostFilter & { siteId: string }): Promise<void>;
}
