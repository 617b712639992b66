import { Gauge, type Registry } from 'prom-client';
import type { PoolStore } from '../stores/pools.js';

type Totals = Awaited<ReturnType<PoolStore['totals']>>;

/** Counted anew when asked for after this long, and not told when older than that. */
const FRESH_MS = 10_000;
const STALE_MS = 60_000;

/**
 * Gauges of all pools together. A scrape never waits for the database: it tells the last count and, if that is old, has
 * it counted anew.
 */
export function watchPools(registry: Registry, pools: Pick<PoolStore, 'totals'>): void {
  let last: { totals: Totals; at: number } | null = null;
  let isCounting = false;

  async function count(): Promise<void> {
    isCounting = true;
    try {
      last = { totals: await pools.totals(), at: performance.now() };
    } catch {
      // Away: it is asked again by the next scrape.
    }
    isCounting = false;
  }

  const age = () => (last ? performance.now() - last.at : Number.POSITIVE_INFINITY);

  function gauge(name: string, help: string, values: (totals: Totals) => Record<string, number>): void {
    new Gauge({
      name,
      help,
      labelNames: ['state'],
      registers: [registry],
      collect() {
        if (age() > FRESH_MS && !isCounting) void count();
        this.reset();
        if (!last || age() > STALE_MS) return;
        for (const [state, value] of Object.entries(values(last.totals))) this.set({ state }, value);
      },
    });
  }

  gauge('dni_pool_numbers', 'Numbers of all pools, by state', ({ numbers, leased, free }) => ({
    leased,
    free,
    resting: Math.max(0, numbers - leased - free),
  }));
  gauge('dni_leases', 'Leases held now, by how they came about', ({ leased, elastic }) => ({
    exclusive: leased - elastic,
    elastic,
  }));
  gauge('dni_leases_last_day', 'Leases that ended in the last 24 hours, by how', ({ reclaimed }) => ({
    reclaimed,
  }));
}
