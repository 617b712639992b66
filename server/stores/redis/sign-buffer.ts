import type { LeaseHistory, LeaseSign } from '../lease-history.js';

/** A renewal reaches the history within 1 s: written this often, and each write takes far less than the other half. */
const INTERVAL_MS = 500;
const MAX_ROWS = 1_000;

export interface SignBuffer {
  /** A sign that Redis has taken, seen this moment. Later signs of the same lease replace it. */
  add(sign: Omit<LeaseSign, 'ageMs'>): void;
  /** Writes what waits. Rejects when the history cannot be reached; what was not written goes on waiting. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

type Waiting = Omit<LeaseSign, 'ageMs'> & { seenAt: number };

/**
 * Signs on their way from Redis to the lease history, at most one a lease, so memory is bounded by the numbers there
 * are. A batch that fails is retried row by row; a history that is away is asked again at the next tick.
 */
export function createSignBuffer(
  history: Pick<LeaseHistory, 'writeSigns'>,
  options: { isAway: (error: unknown) => boolean; onError: (error: unknown) => void },
): SignBuffer {
  let waiting = new Map<string, Waiting>();
  let writing: Promise<void> = Promise.resolve();

  const withAge = ({ seenAt, ...sign }: Waiting): LeaseSign => ({
    ...sign,
    ageMs: Math.max(0, performance.now() - seenAt),
  });

  /** Puts back what could not be written, unless a newer sign of the lease has come. */
  function putBack(signs: Waiting[]): void {
    for (const sign of signs) if (!waiting.has(sign.leaseId)) waiting.set(sign.leaseId, sign);
  }

  async function writeChunk(chunk: Waiting[]): Promise<void> {
    try {
      await history.writeSigns(chunk.map(withAge));
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
    flush,
    async close() {
      clearInterval(timer);
      await flush();
    },
  };
}
