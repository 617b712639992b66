import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProcessIdentity } from '../../lib/process-identity.js';

/** A spool file says in its name whose it is: `<pid>.<since>.<random>.spool`. */
const NAME = /^(\d+)\.(\d+|-)\.[0-9a-f]+\.spool$/;

/** A name that no file of the folder has. */
export const newName = (folder: string, { pid, since }: ProcessIdentity): string =>
  join(folder, `${pid}.${since}.${randomBytes(4).toString('hex')}.spool`);

/** The files whose processes are gone, by name, oldest first as far as the names tell. */
export async function orphans(
  folder: string,
  isRunning: (owner: ProcessIdentity) => Promise<boolean>,
): Promise<string[]> {
  const found: string[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const [, pid, since] = NAME.exec(name) ?? [];
    if (pid && since && !(await isRunning({ pid: Number(pid), since }))) found.push(join(folder, name));
  }
  return found;
}
