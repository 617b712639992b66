import type { Pool } from '../../stores/lease-store.js';
import type { Tracker } from '../../stores/settings.js';

/** A session tracker's pool as the lease stores take it. */
export const poolOf = (tracker: Tracker): Pool => ({
  trackerId: tracker.id,
  siteId: tracker.site_id,
  version: tracker.pool_version,
  reservationSeconds: tracker.reservation_seconds,
  minReservationSeconds: tracker.min_reservation_seconds,
});

/** For how long a number is kept: who stores nothing cannot come back to it, so no longer than it was promised. */
export const ownSeconds = (tracker: Tracker, storage: boolean): number =>
  storage ? tracker.reservation_seconds : tracker.min_reservation_seconds;
