import type { Shown } from './promises.js';
import type { Asked } from './recovery.js';

export interface CallRecord {
  id: string;
  to: string;
  /** Milliseconds from the first attempt until the provider was told where to route it; null: never. */
  routedAfter: number | null;
  /** The service said that it has the start, or the end. */
  started: boolean;
  ended: boolean;
}

/** What the outside was told, for comparison with what is there in the end. */
export interface Ledger {
  requests: number;
  /** Requests that were answered well. */
  acknowledged: number;
  /** The ids of the page views. */
  views: string[];
  taps: { visitor: string; number: string }[];
  codes: { visitor: string; code: string }[];
  /** The e-mail addresses, each used once. */
  leads: string[];
  withdrawn: string[];
  /** Visitors who asked to be forgotten, whether that was answered or not. */
  gaveUp: Set<string>;
  /** Every answer that showed a number of the pool. */
  shown: Shown[];
  /** Every view, as the measure of whether the service works. */
  asked: Asked[];
  calls: CallRecord[];
  /** Answers that are wrong whatever is down. */
  wrong: string[];
}

export const emptyLedger = (): Ledger => ({
  requests: 0,
  acknowledged: 0,
  views: [],
  taps: [],
  codes: [],
  leads: [],
  withdrawn: [],
  gaveUp: new Set(),
  shown: [],
  asked: [],
  calls: [],
  wrong: [],
});
