import { Problem } from './errors.js';

export interface BatcherOptions<T, R> {
  /** Writes all items at once and answers in their order. Throwing means that nothing was written. */
  run: (items: T[]) => Promise<R[]>;
  /** Two items with the same key never share a batch; past `maxOfKey` waiting of one they are refused as `overloaded`. */
  key?: (item: T) => string;
  maxOfKey?: number;
  maxRows: number;
  /** How many batches may be under way at once. */
  maxRunning: number;
  /** Items waiting past this are refused as `overloaded`: a bound of memory. */
  maxWaiting: number;
  /** So are those that come while the first in line has waited longer than this, in ms: nobody waits for an answer then. */
  maxWaitMs: number;
  /** Whether a failed batch may be tried row by row (false: the store itself is away, no row would fare better). */
  retryAlone: (error: unknown) => boolean;
  onBatch?: (rows: number) => void;
}

export interface Batcher<T, R> {
  add: (item: T) => Promise<R>;
  /** Resolves when all that was added has been answered. */
  drain: () => Promise<void>;
}

interface Waiting<T, R> {
  item: T;
  since: number;
  resolve: (result: R) => void;
  reject: (error: unknown) => void;
}

/**
 * Group commit: what arrives while earlier batches are being written shares the next one. An idle batcher writes at
 * once, a busy one gathers, so no timer is needed. A batch that fails is retried row by row, so that one bad row
 * fails alone.
 */
export function createBatcher<T, R>(options: BatcherOptions<T, R>): Batcher<T, R> {
  let waiting: Waiting<T, R>[] = [];
  let running = 0;
  let idle: (() => void)[] = [];
  /** Since when the first in line waits for room in a batch. Who waits for another of the same key holds up nobody else. */
  let lineSince: number | null = null;
  /** How many of each key wait. */
  const ofKey = new Map<string, number>();

  function count(name: string | undefined, more: 1 | -1): void {
    if (name === undefined) return;
    const sum = (ofKey.get(name) ?? 0) + more;
    if (sum === 0) ofKey.delete(name);
    else ofKey.set(name, sum);
  }

  function take(): Waiting<T, R>[] {
    const { key } = options;
    const taken: Waiting<T, R>[] = [];
    const left: Waiting<T, R>[] = [];
    const keys = new Set<string>();
    lineSince = null;
    for (const entry of waiting) {
      const name = key?.(entry.item);
      const isAnother = name === undefined || !keys.has(name);
      if (isAnother && taken.length < options.maxRows) {
        if (name !== undefined) keys.add(name);
        count(name, -1);
        taken.push(entry);
      } else {
        if (isAnother) lineSince ??= entry.since;
        left.push(entry);
      }
    }
    waiting = left;
    return taken;
  }

  function isTooLong(name: string | undefined, now: number): boolean {
    const { maxWaiting, maxWaitMs, maxOfKey = Number.POSITIVE_INFINITY } = options;
    if (name !== undefined && (ofKey.get(name) ?? 0) >= maxOfKey) return true;
    return waiting.length >= maxWaiting || (lineSince !== null && now - lineSince > maxWaitMs);
  }

  async function write(batch: Waiting<T, R>[]): Promise<void> {
    try {
      const results = await options.run(batch.map((entry) => entry.item));
      for (const [at, entry] of batch.entries()) entry.resolve(results[at] as R);
    } catch (error) {
      if (batch.length === 1 || !options.retryAlone(error)) {
        for (const entry of batch) entry.reject(error);
        return;
      }
      for (const entry of batch) await write([entry]);
    }
  }

  function pump(): void {
    while (running < options.maxRunning && waiting.length > 0) {
      const batch = take();
      running += 1;
      options.onBatch?.(batch.length);
      void write(batch).finally(() => {
        running -= 1;
        pump();
      });
    }
    if (running === 0 && waiting.length === 0) {
      for (const done of idle) done();
      idle = [];
    }
  }

  return {
    add: (item) =>
      new Promise<R>((resolve, reject) => {
        const now = performance.now();
        const name = options.key?.(item);
        if (isTooLong(name, now)) {
          reject(new Problem('overloaded', 'Too many requests are waiting to be stored.'));
          return;
        }
        lineSince ??= now;
        count(name, 1);
        waiting.push({ item, since: now, resolve, reject });
        // Requests read from the sockets in the same turn of the event loop share a batch.
        if (waiting.length === 1) setImmediate(pump);
      }),
    drain: () =>
      new Promise<void>((resolve) => {
        idle.push(resolve);
        pump();
      }),
  };
}
