import { readFile } from 'node:fs/promises';

/** A process, told apart from a later one of the same number. */
export interface ProcessIdentity {
  pid: number;
  /** When it was started, in the kernel's own count; `-` where /proc does not tell. */
  since: string;
}

/** Whether a process of that number lives (signal 0 only asks; EPERM: it lives and is somebody else's). */
function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function startedAt(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // Field 22, counted after the command's name, which may itself contain spaces and brackets (man 5 proc).
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

/** This process. */
export async function ownIdentity(): Promise<ProcessIdentity> {
  return { pid: process.pid, since: (await startedAt(process.pid)) ?? '-' };
}

/** Whether that very process still runs on this machine. */
export async function isRunning({ pid, since }: ProcessIdentity): Promise<boolean> {
  return pid > 0 && lives(pid) && (since === '-' || since === (await startedAt(pid)));
}
