import type { LeaseAssignment, LeaseStore } from '../../stores/lease-store.js';

export interface LeaseCounts {
  /** A new lease was offered. */
  offered: (assignment: LeaseAssignment) => void;
  /** A visitor asked this pool for a number, and it had none. */
  none: () => void;
}

/** A lease store whose answers are counted. */
export const countLeases = (leases: LeaseStore, counts: LeaseCounts): LeaseStore => ({
  ...leases,
  async acquire(ask) {
    const offer = await leases.acquire(ask);
    if (offer === null) {
      if (!ask.liveOnly) counts.none();
    } else if (offer.leaseId === ask.leaseId) counts.offered(offer.assignment);
    return offer;
  },
});
