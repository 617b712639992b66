import { Problem } from '../../lib/errors.js';
import type { Tracker } from '../../stores/settings.js';

/** What no schema of single fields can say: how a tracker's fields must fit each other. Throws invalid_request. */
export function checkTracker(tracker: Omit<Tracker, 'pool_version' | 'created_at' | 'retired_at'>): void {
  const errors: { path: string; message: string }[] = [];
  if (tracker.type === 'source' && tracker.numbers.length !== 1) {
    errors.push({ path: 'numbers', message: 'a source tracker has exactly one number' });
  }
  if (tracker.type === 'source' && !tracker.source) {
    errors.push({ path: 'source', message: 'a source tracker says what its calls are credited to' });
  }
  if (tracker.type === 'session' && tracker.targets.length === 0) {
    errors.push({ path: 'targets', message: 'a session tracker replaces at least one number' });
  }
  if (tracker.min_reservation_seconds > tracker.reservation_seconds) {
    errors.push({ path: 'min_reservation_seconds', message: 'is more than reservation_seconds' });
  }
  const own = new Set(tracker.numbers);
  if (tracker.targets.some((target) => own.has(target))) {
    errors.push({ path: 'targets', message: 'a tracking number cannot stand for itself' });
  }
  if (own.has(tracker.destination)) {
    errors.push({ path: 'destination', message: 'calls would be forwarded to the number they came in on' });
  }
  if (errors.length > 0) throw new Problem('invalid_request', 'The tracker does not fit together.', errors);
}
