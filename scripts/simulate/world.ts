import type { VisitEvent } from './workload.js';

/** Whose call it was said to be, in the workload's names. */
export interface Named {
  visitor: string | null;
  confidence: number;
}

/** Numbers and those who are shown them. Times in seconds from the beginning of the workload. */
export interface World {
  /** The number that the visitor is shown; null: none is free, the page keeps its own. */
  view(visit: VisitEvent): Promise<string | null>;
  renew(visitor: string, t: number): Promise<void>;
  leave(visitor: string, t: number): Promise<void>;
  tap(visitor: string, number: string, t: number): Promise<void>;
  call(call: { number: string; from: string | null; t: number }): Promise<Named>;
  /** Once a simulated day. */
  learn(t: number): Promise<void>;
  close(): Promise<void>;
}

export interface PoolSettings {
  numbers: number;
  /** Seconds. */
  reservation: number;
  minReservation: number;
  /** Who is said to have called: whom the product's decision names, or the number's last holder. */
  join: 'product' | 'last';
}
