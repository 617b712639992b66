import { type FileHandle, open, readFile, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { encodeRecord, scanRecords } from './records.js';

/** The file has no room for it; what it has is safe. */
export class SpoolFull extends Error {}

/** One file of records, with its room taken beforehand, so that a disk that gets full does not matter to it. */
export interface SpoolFile {
  path: string;
  /** Bytes that records may fill. */
  capacity: number;
  used: () => number;
  /** Resolves when the records survive a crash. Throws SpoolFull, or what the disk says. */
  append(texts: string[]): Promise<void>;
  /** Empties it. */
  clear(): Promise<void>;
  remove(): Promise<void>;
  close(): Promise<void>;
}

const CHUNK = 1 << 20;

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written);
    written += bytesWritten;
  }
}

async function writeZeros(file: FileHandle, from: number, to: number): Promise<void> {
  const zeros = Buffer.alloc(Math.min(CHUNK, Math.max(0, to - from)));
  for (let at = from; at < to; at += CHUNK) await writeAll(file, zeros.subarray(0, to - at), at);
}

/** Makes the names in a folder survive a crash. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function spoolFile(path: string, file: FileHandle, inode: number, capacity: number, end: number): SpoolFile {
  let used = end;
  return {
    path,
    capacity,
    used: () => used,
    async append(texts) {
      const bytes = Buffer.concat(texts.map(encodeRecord));
      if (used + bytes.length > capacity) throw new SpoolFull(`${path} is full`);
      await writeAll(file, bytes, used);
      await file.datasync();
      // Whoever took us for gone has renamed it and reads it, maybe has read it already.
      if ((await stat(path)).ino !== inode) throw new Error(`${path} was taken over by another process`);
      used += bytes.length;
    },
    async clear() {
      await writeZeros(file, 0, used);
      await file.datasync();
      used = 0;
    },
    async remove() {
      await file.close().catch(() => {});
      await unlink(path);
    },
    close: () => file.close(),
  };
}

/** A new file, of so many bytes. Where the disk has no room for them it leaves nothing behind and throws. */
export async function createSpoolFile(path: string, capacity: number): Promise<SpoolFile> {
  const file = await open(path, 'wx+', 0o600);
  try {
    await writeZeros(file, 0, capacity);
    await file.sync();
    await syncFolder(dirname(path));
    return spoolFile(path, file, (await file.stat()).ino, capacity, 0);
  } catch (error) {
    await file.close().catch(() => {});
    await unlink(path).catch(() => {});
    throw error;
  }
}

/** Takes a file over under another name. What it holds, and whether parts of it cannot be read. */
export async function takeOver(
  from: string,
  path: string,
): Promise<{ file: SpoolFile; texts: string[]; isDamaged: boolean }> {
  await rename(from, path);
  await syncFolder(dirname(path));
  const content = await readFile(path);
  const { texts, end, isDamaged } = scanRecords(content);
  const file = await open(path, 'r+');
  try {
    // So that what is written from here on is never followed by the rest of something older.
    if (isDamaged) {
      await writeZeros(file, end, content.length);
      await file.datasync();
    }
    return { file: spoolFile(path, file, (await file.stat()).ino, content.length, end), texts, isDamaged };
  } catch (error) {
    await file.close().catch(() => {});
    throw error;
  }
}
