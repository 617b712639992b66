import type { TrackingNumber } from '../stores/settings.js';
import type { Services } from './services.js';

/** How many are on their way to the lease store at a time. */
const AT_ONCE = 200;

/**
 * Tells the lease store at once of numbers that left their pools; were it away, the lease history would refuse them
 * all the same.
 */
export async function forget(
  { leases, browser }: Pick<Services, 'leases' | 'browser'>,
  gone: Pick<TrackingNumber, 'number' | 'tracker_id'>[],
): Promise<void> {
  for (let at = 0; at < gone.length; at += AT_ONCE) {
    const some = gone.slice(at, at + AT_ONCE);
    await Promise.all(
      some.map(({ tracker_id, number }) => leases.retire(tracker_id, number).catch(browser.onLeaseFailure)),
    );
  }
}
