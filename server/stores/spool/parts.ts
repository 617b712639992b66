import { mkdir } from 'node:fs/promises';
import type { ProcessIdentity } from '../../lib/process-identity.js';
import { newName, orphans } from './file-names.js';
import { createSpoolFile, type SpoolFile, SpoolFull, takeOver } from './spool-file.js';

/** Where a disk has less room than is wanted, a smaller share of it is taken, and the rest left to others. */
const SHARES = [1, 4, 16, 64];

export interface PartsOptions {
  folder: string;
  /** Taken on the disk beforehand. */
  bytes: number;
  owner: ProcessIdentity;
  isRunning: (owner: ProcessIdentity) => Promise<boolean>;
}

/** A file, with the number of its records that are still needed. */
export interface Part {
  file: SpoolFile;
  needed: number;
}

/** The spool files of this process: the one that it writes to, and those that it empties for others. */
export interface Parts {
  /** Takes over the files of processes that are gone. Their records, and the files that had damaged ones. */
  adopt(): Promise<{ found: { text: string; part: Part }[]; damaged: string[] }>;
  /** Sees to it that there is a file to write to. Throws what the disk says. */
  ready(): Promise<void>;
  /** Resolves when the records survive a crash; each is needed until released. Throws when they do not. */
  append(texts: string[]): Promise<Part>;
  /** One record is not needed any more. A file without any is used anew, or removed. */
  release(part: Part): void;
  close(): Promise<void>;
}

export function createParts({ folder, bytes, owner, isRunning }: PartsOptions): Parts {
  let own: Part | null = null;
  /** Taken over, or given up on. */
  const old = new Set<Part>();
  /** Why there is no file to write to. */
  let refusal: unknown = new Error('there is no spool file yet');

  // Whatever touches the files takes turns.
  let turn: Promise<unknown> = Promise.resolve();
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = turn.then(work);
    turn = next.catch(() => {});
    return next;
  }

  const refused = (error: unknown) => {
    refusal = error;
    throw error;
  };
  const makeFolder = () => mkdir(folder, { recursive: true, mode: 0o700 }).catch(refused);

  async function makeFile(): Promise<SpoolFile> {
    for (const share of SHARES) {
      try {
        return await createSpoolFile(newName(folder, owner), Math.floor(bytes / share));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC' || share === SHARES.at(-1)) throw error;
      }
    }
    throw new Error('there are no shares');
  }

  /** After a failed write nobody knows what the disk has; a new file is made instead, when one can be. */
  function giveUp(part: Part, error: unknown): void {
    if (own !== part) return;
    own = null;
    refusal = error;
    old.add(part);
    if (part.needed === 0) tidy(part);
  }

  const tidy = (part: Part) =>
    void inTurn(async () => {
      if (part.needed > 0) return;
      if (part === own) {
        if (part.file.used() > 0) await part.file.clear().catch((error: unknown) => giveUp(part, error));
      } else if (old.delete(part)) await part.file.remove().catch(() => {});
    });

  return {
    adopt: () =>
      inTurn(async () => {
        await makeFolder();
        const found: { text: string; part: Part }[] = [];
        const damaged: string[] = [];
        for (const orphan of await orphans(folder, isRunning)) {
          const taken = await takeOver(orphan, newName(folder, owner)).catch(
            (error: NodeJS.ErrnoException) => {
              // Another process was faster.
              if (error.code === 'ENOENT') return null;
              throw error;
            },
          );
          if (!taken) continue;
          const part: Part = { file: taken.file, needed: taken.texts.length };
          for (const text of taken.texts) found.push({ text, part });
          if (taken.isDamaged) damaged.push(orphan);
          if (own === null && taken.file.capacity >= bytes) own = part;
          else {
            old.add(part);
            if (part.needed === 0) tidy(part);
          }
        }
        return { found, damaged };
      }),
    ready: () =>
      inTurn(async () => {
        if (own) return;
        await makeFolder();
        own = { file: await makeFile().catch(refused), needed: 0 };
      }),
    append: (texts) =>
      inTurn(async () => {
        const part = own;
        if (!part) throw refusal;
        try {
          await part.file.append(texts);
        } catch (error) {
          if (!(error instanceof SpoolFull)) giveUp(part, error);
          throw error;
        }
        part.needed += texts.length;
        return part;
      }),
    release(part) {
      part.needed -= 1;
      if (part.needed === 0) tidy(part);
    },
    close: () =>
      inTurn(async () => {
        for (const part of [own, ...old]) await part?.file.close().catch(() => {});
      }),
  };
}
