import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isRunning, ownIdentity } from './process-identity.js';

/** The data folder is in use by another process. */
export class DataDirInUse extends Error {}

/**
 * Puts a lock there, unless there is one. It appears together with what it says, so that nobody who reads it at that
 * moment takes it for one left behind half written.
 */
async function place(path: string, content: string): Promise<boolean> {
  const made = `${path}.${randomUUID()}`;
  try {
    const file = await open(made, 'wx', 0o600);
    await file.writeFile(content);
    await file.sync();
    await file.close();
    await link(made, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    await unlink(made).catch(() => {});
  }
}

/** Removes a lock left behind, unless another process has put its own in its place since it was read. */
async function removeStale(path: string, content: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
    if ((await readFile(aside, 'utf8')) !== content) await link(aside, path);
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
  await unlink(aside).catch(() => {});
}

/**
 * Takes the data folder for this process and returns what gives it back. A lock left behind by a process that was
 * killed is taken over: its pid is gone, or belongs to a process started at another time.
 */
export async function lockDataDir(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'lock');
  const own = await ownIdentity();
  const mine = `${own.pid} ${own.since}\n`;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if (await place(path, mine)) {
      return async () => {
        await unlink(path).catch(() => {});
      };
    }
    const found = await readFile(path, 'utf8').catch(() => '');
    const [pid, since = ''] = found.trim().split(' ');
    const owner = Number(pid);
    if (await isRunning({ pid: owner, since })) {
      throw new DataDirInUse(`The data folder ${folder} is in use by process ${owner}.`);
    }
    await removeStale(path, found);
  }
  throw new DataDirInUse(`The data folder ${folder} could not be locked.`);
}
