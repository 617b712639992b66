import { createBatcher } from '../../lib/batcher.js';
import type { LeaseHistory, LeaseSign } from '../lease-history.js';

/** A renewal reaches the history within 1 s: written this often, and each write takes far less than the other half. */
const INTERVAL_MS = 500;
const MAX_ROWS = 1_000;
const MAX_ASKED = 10_000;
const MAX_ASKED_MS = 2_000;

/** A sign with what is needed to correct Redis where the history refuses it. */
export type PoolSign = Omit<LeaseSign, 'ageMs' | 'mustBeLive'> & {
  trackerId: string;
  number: string;
  visitorId: string;
};

export interface SignBuffer {
  /** A sign that Redis has taken, seen this moment. Later signs of the same lease replace it. */
  add(sign: PoolSign): void;
  /** Writes a sign at once, together with others; whether its lease stands in the history. */
  ask(sign: PoolSign): Promise<boolean>;
  /** Writes what waits. Rejects when the history cannot be reached; what was not written goes on waiting. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface SignBufferOptions {
  isAway: (error: unknown) => boolean;
  onError: (error: unknown) => void;
  /** The history did not take a sign that Redis took: its lease has ended. */
  onRefused: (sign: PoolSign) => Promise<void>;
}

type Waiting = PoolSign & { seenAt: number };

const withAge = ({ seenAt, ...sign }: Waiting, mustBeLive: boolean): LeaseSign => ({
  ...sign,
  mustBeLive,
  ageMs: Math.max(0, performance.now() - seenAt),
});

/**
 * Signs on their way from Redis to the lease history, at most one a lease, so memory is bounded by the numbers there
 * are. A batch that fails is retried row by row; a history that is away is asked again at the next tick.
 */
export function createSignBuffer(
  history: Pick<LeaseHistory, 'writeSigns'>,
  options: SignBufferOptions,
): SignBuffer {
  let waiting = new Map<string, Waiting>();
  let writing: Promise<void> = Promise.resolve();

  const asked = createBatcher<Waiting, boolean>({
    run: async (batch) => {
      const standing = await history.writeSigns(batch.map((sign) => withAge(sign, true)));
      return batch.map((sign) => standing.has(sign.leaseId));
    },
    key: (sign) => sign.leaseId,
    maxRows: MAX_ROWS,
    maxRunning: 1,
    maxWaiting: MAX_ASKED,
    maxWaitMs: MAX_ASKED_MS,
    retryAlone: (error) => !options.isAway(error),
  });

  /** Puts back what could not be written, unless a newer sign of the lease has come. */
  function putBack(signs: Waiting[]): void {
    for (const sign of signs) if (!waiting.has(sign.leaseId)) waiting.set(sign.leaseId, sign);
  }

  async function writeChunk(chunk: Waiting[]): Promise<void> {
    try {
      const standing = await history.writeSigns(chunk.map((sign) => withAge(sign, false)));
      const refused = chunk.filter((sign) => !standing.has(sign.leaseId));
      // Where Redis cannot be told now, the next sign of the lease is refused too.
      await Promise.all(refused.map((sign) => options.onRefused(sign).catch(options.onError)));
    } catch (error) {
      if (options.isAway(error)) {
        putBack(chunk);
        throw error;
      }
      if (chunk.length === 1) options.onError(error);
      else await writeEach(chunk);
    }
  }

  async function writeEach(chunk: Waiting[]): Promise<void> {
    for (const [at, sign] of chunk.entries()) {
      try {
        await writeChunk([sign]);
      } catch (error) {
        putBack(chunk.slice(at + 1));
        throw error;
      }
    }
  }

  async function write(): Promise<void> {
    // In the order of the leases, as everybody writes them, so that two servers do not wait for each other.
    const signs = [...waiting.values()].sort((a, b) => (a.leaseId < b.leaseId ? -1 : 1));
    waiting = new Map();
    for (let from = 0; from < signs.length; from += MAX_ROWS) {
      try {
        await writeChunk(signs.slice(from, from + MAX_ROWS));
      } catch (error) {
        putBack(signs.slice(from + MAX_ROWS));
        throw error;
      }
    }
  }

  function flush(): Promise<void> {
    const next = writing.then(write);
    writing = next.catch(() => {});
    return next;
  }

  const timer = setInterval(() => {
    if (waiting.size > 0) flush().catch(options.onError);
  }, INTERVAL_MS);
  timer.unref();

  return {
    add(sign) {
      waiting.set(sign.leaseId, { ...sign, seenAt: performance.now() });
    },
    ask: (sign) => asked.add({ ...sign, seenAt: performance.now() }),
    flush,
    async close() {
      clearInterval(timer);
      await asked.drain();
      await flush();
    },
  };
}
