/** How the numbers of a pool, or of all pools, are used. */
export interface PoolUse {
  /** Numbers in use, whoever holds them. */
  numbers: number;
  /** Held by a visitor now. */
  leased: number;
  /** Of those, held on a lease that a short pool cut another's rest for. */
  elastic: number;
  /** Held by nobody and reserved for nobody. */
  free: number;
}

/** A pool's use, with what went short in the last 24 hours. */
export interface PoolFigures extends PoolUse {
  /** Leases that were cut short for another visitor. */
  reclaimed: number;
  /** Times a visitor asked and got none. */
  refused: number;
}

export interface Refusals {
  trackerId: string;
  siteId: string;
  refused: number;
  /** The sessions that were refused, each once. */
  sessionIds: string[];
}

/** What one hour brought to a pool: the sessions that first asked it for a number then. */
export interface ArrivalsOfHour {
  /** Which hour, from 0. */
  place: number;
  /** Those that got a number, be it later than asked for. */
  served: number;
  /** Those that never got one. */
  blocked: number;
  /** Seconds from the first sign to the last, of those that got one, added up. */
  visit_seconds: number;
  /** Their leases, and how many of these were cut short for others. */
  leases: number;
  cut_short: number;
}

/** What is known of pools beside who holds what: for people, so nothing on the way of a visitor waits for it. */
export interface PoolStore {
  figures(trackerId: string): Promise<PoolFigures>;
  /** Of all pools together. */
  totals(): Promise<PoolUse & { reclaimed: number }>;
  /** Adds to this hour's count of visitors who got no number, and to its sessions; each tracker once. */
  addRefusals(refusals: Refusals[]): Promise<void>;
  /** So many hours from a time on, those without arrivals left out; what comes after the last counts in it. */
  arrivals(
    tracker: { id: string; site_id: string },
    period: { from: Date; hours: number },
  ): Promise<ArrivalsOfHour[]>;
}
