import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { createBatcher } from '../../lib/batcher.js';
import type { Kept, Spool, SpooledEvent, SpoolState } from '../spool.js';
import { createParts, type Part, type PartsOptions } from './parts.js';
import { createQueue, type Entry } from './queue.js';
import { syncFolder } from './spool-file.js';

const TEND_MS = 1_000;
const ADOPT_MS = 30_000;
const BATCH = 200;

export interface SpoolOptions extends PartsOptions {
  /** What the disk refuses fills so many bytes of memory at most. */
  memoryBytes: number;
  /** Something is not as it should be with the disk, or is again: then the error is null. */
  onTrouble: (error: unknown, state: SpoolState) => void;
}

type Waiting = Entry<Part>;

/**
 * Opens the spool of this process, and takes over what processes that are gone have left in the folder. Works without a
 * disk too: then what is added stays in memory, and is written as soon as it can be.
 */
export async function openSpool(options: SpoolOptions): Promise<Spool> {
  const { folder, memoryBytes, onTrouble } = options;
  const parts = createParts(options);
  const queue = createQueue<Part>();
  /** Those that the disk does not have, with their sizes. */
  const inMemory = new Map<Waiting, number>();
  let bytesInMemory = 0;
  let dropped = 0;
  let refused = 0;

  const state = (): SpoolState => ({ waiting: queue.size(), inMemory: inMemory.size, dropped, refused });

  function leaveMemory(entry: Waiting): void {
    bytesInMemory -= inMemory.get(entry) ?? 0;
    inMemory.delete(entry);
  }

  function keepInMemory(entry: Waiting, error: unknown): Kept {
    const size = Buffer.byteLength(entry.text);
    if (bytesInMemory + size > memoryBytes) {
      queue.remove(entry.event.id);
      dropped += 1;
      onTrouble(error, state());
      return 'dropped';
    }
    inMemory.set(entry, size);
    bytesInMemory += size;
    if (inMemory.size === 1) onTrouble(error, state());
    return 'memory';
  }

  async function write(entries: Waiting[]): Promise<void> {
    const part = await parts.append(entries.map(({ text }) => text));
    for (const entry of entries) {
      leaveMemory(entry);
      if (queue.has(entry)) entry.file = part;
      else parts.release(part);
    }
  }

  // What comes in together is synced together.
  const batcher = createBatcher<Waiting, void>({
    run: async (entries) => {
      await write(entries);
      return entries.map(() => undefined);
    },
    maxRows: BATCH,
    maxRunning: 1,
    maxWaiting: 10_000,
    maxWaitMs: 5_000,
    retryAlone: () => false,
  });

  /** Looks after the file, and writes out what is in memory alone. */
  async function tend(): Promise<void> {
    await parts.ready();
    const had = inMemory.size;
    while (inMemory.size > 0) await write([...inMemory.keys()].slice(0, BATCH));
    if (had > 0) onTrouble(null, state());
  }

  async function adopt(): Promise<void> {
    const { found, damaged } = await parts.adopt();
    for (const path of damaged) onTrouble(new Error(`${path} had records that were cut short`), state());
    const entries = found.map(({ text, part }) => ({
      event: JSON.parse(text) as SpooledEvent,
      text,
      file: part,
    }));
    // Of several processes that are gone, in the order of the events.
    for (const entry of entries.sort((a, b) => a.event.at - b.event.at)) queue.add(entry);
  }

  function done(event: SpooledEvent): void {
    const entry = queue.remove(event.id);
    if (!entry) return;
    leaveMemory(entry);
    if (entry.file) parts.release(entry.file);
  }

  await adopt()
    .then(tend)
    .catch((error: unknown) => onTrouble(error, state()));
  let isTending = false;
  const timers = [
    setInterval(() => {
      if (isTending) return;
      isTending = true;
      // A disk that still refuses has been told of.
      void tend()
        .catch(() => {})
        .finally(() => {
          isTending = false;
        });
    }, TEND_MS),
    setInterval(() => void adopt().catch((error: unknown) => onTrouble(error, state())), ADOPT_MS),
  ];
  for (const timer of timers) timer.unref();

  return {
    async add(event) {
      const entry: Waiting = { event, text: JSON.stringify(event), file: null };
      queue.add(entry);
      try {
        await batcher.add(entry);
        return 'disk';
      } catch (error) {
        // It may have reached the database meanwhile.
        return queue.has(entry) ? keepInMemory(entry, error) : 'memory';
      }
    },
    ofCall: queue.ofCall,
    ofNewCall: queue.ofNewCall,
    next: () => queue.first()?.event ?? null,
    postpone: (event) => queue.putLast(event.id),
    done,
    async setAside(event, reason) {
      // Wherever it goes, it does not stand in the way.
      queue.putLast(event.id);
      const file = await open(join(folder, 'refused.jsonl'), 'a', 0o600);
      try {
        await file.writeFile(`${JSON.stringify({ reason, ...event })}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      await syncFolder(folder);
      refused += 1;
      done(event);
    },
    state,
    async close() {
      for (const timer of timers) clearInterval(timer);
      await batcher.drain();
      await tend().catch((error: unknown) => {
        if (inMemory.size > 0) onTrouble(error, state());
      });
      await parts.close();
    },
  };
}
