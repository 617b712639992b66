import type { LeaseOffer } from '../../stores/lease-store.js';
import type { Tracker } from '../../stores/settings.js';
import { fits, type MatchFacts } from './choose-trackers.js';

/** What one target is replaced by. A source tracker has no lease. */
export interface Choice {
  target: string;
  tracker: Tracker;
  number: string;
  lease: LeaseOffer | null;
}

/** How leases are come by; each is asked at most once a tracker. Absent: no leases for this visitor. */
export interface Leases {
  /** The lease that the visitor has, or null. */
  live: (tracker: Tracker) => Promise<LeaseOffer | null>;
  /** The lease that the visitor has or can get, or null. */
  any: (tracker: Tracker) => Promise<LeaseOffer | null>;
}

/** Asks once a tracker: all targets of a session tracker share one lease. */
export function once(ask: (tracker: Tracker) => Promise<LeaseOffer | null>): Leases['any'] {
  const asked = new Map<string, Promise<LeaseOffer | null>>();
  return (tracker) => {
    const before = asked.get(tracker.id);
    if (before) return before;
    const answer = ask(tracker);
    asked.set(tracker.id, answer);
    return answer;
  };
}

/**
 * The number for one target: a live lease beats everything; else the fitting trackers by priority, a session tracker
 * as long as its pool has a number, a source tracker always; else null, the page's own number.
 */
export async function chooseNumber(
  target: string,
  trackers: Tracker[],
  facts: MatchFacts | null,
  leases: Leases | null,
): Promise<Choice | null> {
  const fitting = trackers.filter((tracker) => facts === null || fits(tracker.match, facts));
  const choice = (tracker: Tracker, lease: LeaseOffer): Choice => ({
    target,
    tracker,
    number: lease.number,
    lease,
  });
  if (leases) {
    const pools = trackers.filter((tracker) => tracker.type === 'session');
    // With one pool that fits and comes first, asking for any lease finds the live one too.
    const simple = pools.length === 1 && fitting[0] === pools[0];
    for (const tracker of simple ? [] : pools) {
      const lease = await leases.live(tracker);
      if (lease) return choice(tracker, lease);
    }
  }
  for (const tracker of fitting) {
    if (tracker.type === 'source') {
      const number = tracker.numbers[0];
      if (number) return { target, tracker, number, lease: null };
    } else {
      const lease = leases && (await leases.any(tracker));
      if (lease) return choice(tracker, lease);
    }
  }
  return null;
}
