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
  /** true: of a lease that had run out when the sign was seen it is none. */
  mustBeLive: boolean;
  ownSeconds: number;
  minSeconds: number;
}

/** Who held which number when: the arbiter. New leases enter it with the visits they belong to (stores/visits.ts). */
export interface LeaseHistory {
  /** The numbers of a pool. */
  numbersOf(trackerId: string): Promise<string[]>;
  /** Those of the numbers that are in this pool, as they are; also the number of the visitor's open lease. */
  readNumbers(
    trackerId: string,
    ask: { numbers: string[]; visitorId?: string; now?: Date },
  ): Promise<NumberTruth[]>;
  /** The leases that were still open and are renewed now. */
  writeSigns(signs: LeaseSign[]): Promise<Set<string>>;
  /** A lease that nobody was told of never was: its number is free at once. */
  takeBack(leaseId: string): Promise<void>;
  /** A call came in: the number stays reserved for so many seconds more. */
  hold(number: string, seconds: number, now?: Date): Promise<void>;
  /** The visitor's live lease of this number, or null. */
  held(siteId: string, visitorId: string, number: string, now?: Date): Promise<string | null>;
}
