import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';

/** What the service counts of itself, as Prometheus reads it. */
export interface Metrics {
  request(method: string, route: string, status: number, ms: number): void;
  batch(rows: number): void;
  leaseRefused(): void;
  leaseFailed(): void;
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
  const refused = new Counter({
    name: 'dni_lease_refused_total',
    help: 'Leases that the lease history refused: the lease store was wrong',
    registers,
  });
  const failed = new Counter({
    name: 'dni_lease_store_failed_total',
    help: 'Times the lease store could not be asked',
    registers,
  });
  return {
    request: (method, route, status, ms) => requests.observe({ method, route, status }, ms / 1000),
    batch: (rows) => batches.observe(rows),
    leaseRefused: () => refused.inc(),
    leaseFailed: () => failed.inc(),
    text: async () => ({ type: registry.contentType, body: await registry.metrics() }),
  };
}
