import type { PoolStore, Refusals } from '../../stores/pools.js';

export interface RefusalLog {
  /** A visitor asked this pool for a number, and it had none. */
  add(pool: { trackerId: string; siteId: string }): void;
  /** Writes what was counted since the last time; what could not be written goes on waiting. */
  flush(): Promise<void>;
}

/** How often each pool had no number, gathered in memory and written now and then; as long as there are trackers. */
export function createRefusalLog(store: Pick<PoolStore, 'addRefusals'>): RefusalLog {
  let waiting = new Map<string, Refusals>();
  function add(pool: Pick<Refusals, 'trackerId' | 'siteId'>, refused: number): void {
    const before = waiting.get(pool.trackerId)?.refused ?? 0;
    waiting.set(pool.trackerId, {
      trackerId: pool.trackerId,
      siteId: pool.siteId,
      refused: before + refused,
    });
  }
  return {
    add: (pool) => add(pool, 1),
    async flush() {
      if (waiting.size === 0) return;
      const refusals = [...waiting.values()];
      waiting = new Map();
      try {
        await store.addRefusals(refusals);
      } catch (error) {
        for (const refusal of refusals) add(refusal, refusal.refused);
        throw error;
      }
    },
  };
}
