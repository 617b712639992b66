import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { PoolStore } from '../stores/pools.js';
import { watchPools } from './pool-metrics.js';

/** What the service counts of itself, as Prometheus reads it. No label takes a value that visitors choose. */
export interface Metrics {
  request(method: string, route: string, status: number, ms: number): void;
  batch(rows: number): void;
  leaseOffered(assignment: 'exclusive' | 'elastic'): void;
  /** A visitor got no number: the pool had none, or a limit was reached. */
  visitorRefused(by: 'pool' | 'address' | 'site'): void;
  leaseRefused(): void;
  renewalRefused(): void;
  leaseFailed(): void;
  /** Counts the numbers of all pools from now on. */
  watchPools(pools: Pick<PoolStore, 'totals'>): void;
  /** A value that is read when the metrics are. */
  gauge(name: string, help: string, read: () => number): void;
  text(): Promise<{ type: string; body: string }>;
}

/** Metrics in a registry of their own, so that two applications in one process do not share counts. */
export function createMetrics(): Metrics {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'dni_request_seconds',
    help: 'Time to answer, by method, route and status',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
    registers,
  });
  const batches = new Histogram({
    name: 'dni_commit_rows',
    help: 'Visits that shared one commit',
    buckets: [1, 2, 5, 10, 20, 50, 100, 200],
    registers,
  });
  const offered = new Counter({
    name: 'dni_leases_offered_total',
    help: 'New leases offered; elastic: the rest of an earlier one was cut short for it',
    labelNames: ['assignment'],
    registers,
  });
  const visitors = new Counter({
    name: 'dni_visitors_refused_total',
    help: 'Times a visitor asked for a number and got none: the pool had none, or the limit by address or site',
    labelNames: ['by'],
    registers,
  });
  const refused = new Counter({
    name: 'dni_lease_refused_total',
    help: 'Leases that the lease history refused: the lease store was wrong',
    registers,
  });
  const renewalsRefused = new Counter({
    name: 'dni_renewals_refused_total',
    help: 'Renewals that were acknowledged and then refused by the lease history: the lease had ended',
    registers,
  });
  const failed = new Counter({
    name: 'dni_lease_store_failed_total',
    help: 'Times the lease store could not be asked',
    registers,
  });
  let running: Promise<string> | null = null;
  return {
    request: (method, route, status, ms) => requests.observe({ method, route, status }, ms / 1000),
    batch: (rows) => batches.observe(rows),
    leaseOffered: (assignment) => offered.inc({ assignment }),
    visitorRefused: (by) => visitors.inc({ by }),
    leaseRefused: () => refused.inc(),
    renewalRefused: () => renewalsRefused.inc(),
    leaseFailed: () => failed.inc(),
    gauge(name, help, read) {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });
    },
    watchPools: (pools) => watchPools(registry, pools),
    async text() {
      // Whoever asks meanwhile is told the same.
      running ??= registry.metrics().finally(() => {
        running = null;
      });
      return { type: registry.contentType, body: await running };
    },
  };
}
