/** A page view and what became of it. */
export interface Asked {
  /** Which server was asked. */
  server: number;
  askedAt: number;
  answeredAt: number;
  /** `leased`: a number of the pool is shown. `short`: the pool had none. `failed`: no answer, or not the service's best. */
  outcome: 'leased' | 'short' | 'failed';
}

/**
 * Seconds from `since` until every server leases numbers again, and goes on doing so to the end: the first lease that
 * no later failure follows. null: not before the end.
 */
export function secondsToRecover(asked: Asked[], since: number, servers: number): number | null {
  let slowest = 0;
  for (let server = 0; server < servers; server += 1) {
    const own = asked.filter((one) => one.server === server && one.askedAt >= since);
    const failed = own.filter(({ outcome }) => outcome === 'failed').map(({ askedAt }) => askedAt);
    const lastFailure = Math.max(since, ...failed);
    const good = own.filter(({ outcome, askedAt }) => outcome === 'leased' && askedAt >= lastFailure);
    if (good.length === 0) return null;
    slowest = Math.max(slowest, Math.min(...good.map(({ answeredAt }) => answeredAt)) - since);
  }
  return slowest / 1000;
}
