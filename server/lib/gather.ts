interface Waiting<T, R> {
  items: T[];
  settle: { resolve: (result: R) => void; reject: (error: unknown) => void }[];
}

const MAX_ITEMS = 100;

/**
 * Runs what is asked for under one name in the same turn of the event loop as one call, at most 100 at a time. `run`
 * answers in the order of its items.
 */
export function createGatherer<T, R>(
  run: (items: T[], name: string) => Promise<R[]>,
): (name: string, item: T) => Promise<R> {
  const waiting = new Map<string, Waiting<T, R>>();

  async function flush(name: string, batch: Waiting<T, R>): Promise<void> {
    if (waiting.get(name) === batch) waiting.delete(name);
    try {
      const results = await run(batch.items, name);
      for (const [at, { resolve }] of batch.settle.entries()) resolve(results[at] as R);
    } catch (error) {
      for (const { reject } of batch.settle) reject(error);
    }
  }

  return (name, item) =>
    new Promise<R>((resolve, reject) => {
      let batch = waiting.get(name);
      if (!batch) {
        const begun = { items: [], settle: [] };
        batch = begun;
        waiting.set(name, begun);
        setImmediate(() => void flush(name, begun));
      }
      batch.items.push(item);
      batch.settle.push({ resolve, reject });
      // The next one begins another batch; this one's turn comes all the same.
      if (batch.items.length === MAX_ITEMS) waiting.delete(name);
    });
}
