import type { PoolStore } from '../../stores/pools.js';

/** A session whose view asked this pool for a number, and it had none. */
export interface Refusal {
  trackerId: string;
  siteId: string;
  sessionId: string;
}

export interface RefusalLog {
  add(refusal: Refusal): void;
  /** Writes what was counted since the last time; what could not be written goes on waiting. */
  flush(): Promise<void>;
}

interface Waiting {
  siteId: string;
  refused: number;
  sessionIds: Set<string>;
}

/**
 * How often each pool had no number, and for which sessions, gathered in memory and written now and then. What waits is
 * bounded by what views can be stored between two writes.
 */
export function createRefusalLog(store: Pick<PoolStore, 'addRefusals'>): RefusalLog {
  let waiting = new Map<string, Waiting>();
  function add(trackerId: string, { siteId, refused, sessionIds }: Waiting): void {
    const before = waiting.get(trackerId) ?? { siteId, refused: 0, sessionIds: new Set() };
    before.refused += refused;
    for (const sessionId of sessionIds) before.sessionIds.add(sessionId);
    waiting.set(trackerId, before);
  }
  return {
    add: ({ trackerId, siteId, sessionId }) =>
      add(trackerId, { siteId, refused: 1, sessionIds: new Set([sessionId]) }),
    async flush() {
      if (waiting.size === 0) return;
      const taken = waiting;
      waiting = new Map();
      try {
        await store.addRefusals(
          [...taken].map(([trackerId, { siteId, refused, sessionIds }]) => ({
            trackerId,
            siteId,
            refused,
            sessionIds: [...sessionIds],
          })),
        );
      } catch (error) {
        for (const [trackerId, refusals] of taken) add(trackerId, refusals);
        throw error;
      }
    },
  };
}
