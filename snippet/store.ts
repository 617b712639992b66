import type { EventRequest, Swap } from '../shared/events.js';
import { now } from './clock.js';

/** A swap, and until when it is promised, by `now()`; without a lease, for ever. */
export type Held = Swap & { until: number };

/** What this browser remembers of the visitor between pages. */
export interface Kept {
  visitor?: string | null;
  session?: string | null;
  /** Where this visit arrived, until a view was acknowledged. */
  landing?: EventRequest['landing'];
  /** The numbers to show. */
  swaps: Held[];
}

/** Reads what is kept under `key`, numbers only while promised; nothing if there is no storage, or no sense in it. */
export function recall(key: string): Kept {
  try {
    const kept: Kept = JSON.parse(localStorage[key]);
    // "For ever" is null in JSON, and so over. Promised for longer than ever was: the clock was set back.
    kept.swaps = kept.swaps.filter(
      ({ until, expires_in }) => until > now() && until - (expires_in as number) * 1e3 <= now(),
    );
    return kept;
  } catch {
    return { swaps: [] };
  }
}

/** Keeps it. Says whether that was possible: storage may be absent, denied or full. */
export function keep(key: string, kept: Kept): boolean {
  try {
    localStorage[key] = JSON.stringify(kept);
    return true;
  } catch {
    return false;
  }
}
