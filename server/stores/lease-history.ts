import type { NumberTruth } from './lease-store.js';

export type LeaseEnd = 'expired' | 'reclaimed' | 'released' | 'withdrawn' | 'removed';

/** A sign on its way to the history. Its time is an age, because no two clocks are compared. */
export interface LeaseSign {
  leaseId: string;
  ageMs: number;
  /** A virtual clock's time of the sign, instead of its age. */
  at?: Date;
  /** The visitor left the page. */
  left: boolean;
  ownSeconds: number;
  minSeconds: number;
}

/** Who held which number when: the arbiter. New leases enter it with the visits they belong to (stores/visits.ts). */
export interface LeaseHistory {
  /** Every number of a pool, for a store that has lost it: what is not surely over counts as seen now. */
  readPool(trackerId: string, now?: Date): Promise<NumberTruth[]>;
  /** One number as it is, or null where it is not in this pool. */
  readNumber(trackerId: string, number: string, now?: Date): Promise<NumberTruth | null>;
  /** The leases that were still open and are renewed now. */
  writeSigns(signs: LeaseSign[]): Promise<Set<string>>;
  /** A lease that nobody was told of never was: its number is free at once. */
  takeBack(leaseId: string): Promise<void>;
  /** A call came in: the number stays reserved for so many seconds more. */
  hold(number: string, seconds: number, now?: Date): Promise<void>;
  /** The visitor's live lease of this number, or null. */
  held(siteId: string, visitorId: string, number: string, now?: Date): Promise<string | null>;
}
