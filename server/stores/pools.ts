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
}

/** What is known of pools beside who holds what: for people, so nothing on the way of a visitor waits for it. */
export interface PoolStore {
  figures(trackerId: string): Promise<PoolFigures>;
  /** Of all pools together. */
  totals(): Promise<PoolUse & { reclaimed: number }>;
  /** Adds to this hour's count of visitors who got no number. */
  addRefusals(refusals: Refusals[]): Promise<void>;
}
