import type { ReportedCall } from './reports.js';

/** What happened to a call. */
export type CallChangeType = 'started' | 'attributed' | 'updated' | 'ended';

/**
 * Up to where changes have been read: by the transaction that wrote them, then by their own id; both in decimal. All of
 * what is before it is there, and nothing can come in between any more.
 */
export interface ChangePosition {
  transaction: string;
  id: string;
}

export interface CallChange extends ChangePosition {
  site_id: string;
  call_id: string;
  type: CallChangeType;
  /** Whether every change that comes before it is there already. */
  is_settled: boolean;
}

export interface CallChangeStore {
  /** Where changes are now. */
  now(): Promise<ChangePosition>;
  /**
   * What is there after a position, but for the changes of these ids, settled ones first; and the position up to which
   * all is known by then. `isAll`: there was no more.
   */
  after(
    position: ChangePosition,
    known: string[],
  ): Promise<{ changes: CallChange[]; position: ChangePosition; isAll: boolean }>;
  /** Settled changes after one position up to another, of one site or all (null), oldest first. */
  between(
    from: ChangePosition,
    to: ChangePosition,
    siteId: string | null,
    limit: number,
  ): Promise<CallChange[]>;
  /** The calls as they are now. */
  calls(ids: string[]): Promise<ReportedCall[]>;
  /** Deletes what is older than so many days; returns how many changes that were. */
  prune(days: number): Promise<number>;
}
