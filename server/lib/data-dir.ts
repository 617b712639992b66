import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** The data folder is in use by another process. */
export class DataDirInUse extends Error {}

/** Whether a process of that number lives (signal 0 only asks; EPERM: it lives and is somebody else's). */
function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When a process was started, in the kernel's own count; null where /proc does not tell. */
async function startedAt(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // Field 22, counted after the command's name, which may itself contain spaces and brackets (man 5 proc).
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

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
  const mine = `${process.pid} ${(await startedAt(process.pid)) ?? '-'}\n`;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if (await place(path, mine)) {
      return async () => {
        await unlink(path).catch(() => {});
      };
    }
    const found = await readFile(path, 'utf8').catch(() => '');
    const [pid, since] = found.trim().split(' ');
    const owner = Number(pid);
    if (owner > 0 && lives(owner) && (since === '-' || since === (await startedAt(owner)))) {
      throw new DataDirInUse(`The data folder ${folder} is in use by process ${owner}.`);
    }
    await removeStale(path, found);
  }
  throw new DataDirInUse(`The data folder ${folder} could not be locked.`);
}
