import type { Assignment } from '../../shared/events.js';

/** A session tracker as far as its pool goes. Windows in seconds. */
export interface Pool {
  trackerId: string;
  siteId: string;
  /** Counts changes of the pool's membership. */
  version: number;
  reservationSeconds: number;
  minReservationSeconds: number;
}

export type LeaseAssignment = Exclude<Assignment, 'source'>;

export interface LeaseAsk {
  pool: Pool;
  visitorId: string;
  /** The id of the lease if a new one is made. */
  leaseId: string;
  /** For how long the number is kept after the last sign: the pool's window, or less for who stores nothing. */
  ownSeconds: number;
  /** true: only a lease that this visitor has already. */
  liveOnly?: boolean;
  /** The time, for tests and simulations; absent: the store's own clock. */
  now?: Date;
}

export interface LeaseOffer {
  number: string;
  leaseId: string;
  assignment: LeaseAssignment;
  /** false: not yet in the lease history, so no browser may be told. */
  confirmed: boolean;
}

/** What the lease history says of a number, in ages, because no two clocks are compared. */
export interface NumberTruth {
  number: string;
  /** null: nobody holds it and nobody is remembered. */
  leaseId: string | null;
  visitorId: string | null;
  assignment: LeaseAssignment;
  /** Whether that lease still stands (as opposed to: ended, its number resting). */
  open: boolean;
  /** Milliseconds since the last sign; null: never leased. */
  signAge: number | null;
  /** Milliseconds for which the number is still promised and reserved; negative: over. */
  promisedFor: number;
  reservedFor: number;
}

export interface PoolCounts {
  numbers: number;
  leased: number;
  free: number;
}

/**
 * Who holds which number: proposes, and takes the signs. The lease history disposes. Every verb is atomic; none is
 * ever half done. Implementations: stores/redis/lease-store.ts, stores/postgres/lease-store.ts; both pass
 * test/suites/lease-store.ts.
 */
export interface LeaseStore {
  /**
   * The visitor's live lease, else a new one: on the number they held last, if free; else the number whose last sign
   * is oldest, if its reservation is over; else (pool short) the same, if its promise is over; else null.
   */
  acquire(ask: LeaseAsk): Promise<LeaseOffer | null>;
  /** The offer is in the lease history. */
  confirm(trackerId: string, offer: LeaseOffer): Promise<void>;
  /** The lease history refused the visitor's offer: takes over what it says of that number and of this visitor. */
  correct(trackerId: string, offer: LeaseOffer, visitorId: string, now?: Date): Promise<void>;
  /** A sign of the visitor; null: they hold no lease here that is in the lease history and has not run out. */
  renew(pool: Pool, visitorId: string, ownSeconds: number, now?: Date): Promise<LeaseOffer | null>;
  /** The visitor left the page: the last sign. */
  leave(pool: Pool, visitorId: string, ownSeconds: number, now?: Date): Promise<LeaseOffer | null>;
  /** The visitor gives the number up; it rests like any other. The lease that ended, or null. */
  release(pool: Pool, visitorId: string, now?: Date): Promise<LeaseOffer | null>;
  /** Nobody else is given this number for so long, unless the pool is short: a call came in on it. */
  hold(trackerId: string, number: string, seconds: number, now?: Date): Promise<void>;
  /** The number left the pool. */
  retire(trackerId: string, number: string): Promise<void>;
  inspect(pool: Pool, now?: Date): Promise<PoolCounts>;
}
