import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { DataDirInUse, lockDataDir } from '../../server/lib/data-dir.js';

type Told = 'ready' | 'locked' | 'in use' | 'released';

/** A process of its own that locks a data folder when it is told to. */
export interface LockHolder {
  pid: number;
  /** Tries to take the folder. */
  lock: (folder: string) => Promise<'locked' | 'in use'>;
  release: () => Promise<void>;
  /** kill -9. */
  kill: () => Promise<void>;
}

export async function startLockHolder(): Promise<LockHolder> {
  const child = fork(fileURLToPath(import.meta.url), ['hold'], { execArgv: ['--import', 'tsx'] });
  const hear = async (): Promise<Told> => (await once(child, 'message'))[0] as Told;
  const exit = once(child, 'exit');
  await hear();
  return {
    pid: child.pid ?? 0,
    async lock(folder) {
      child.send(folder);
      return (await hear()) === 'locked' ? 'locked' : 'in use';
    },
    async release() {
      child.send('');
      await hear();
    },
    async kill() {
      child.kill('SIGKILL');
      await exit;
    },
  };
}

/** The child's side: a path locks it, an empty text releases. */
function hold(): void {
  const tell = (told: Told) => process.send?.(told);
  let release = async () => {};
  process.on('message', (folder: string) => {
    if (folder === '') {
      void release().then(() => tell('released'));
      return;
    }
    lockDataDir(folder)
      .then((given) => {
        release = given;
        tell('locked');
      })
      .catch((error: unknown) => {
        if (!(error instanceof DataDirInUse)) throw error;
        tell('in use');
      });
  });
  process.on('disconnect', () => process.exit());
  tell('ready');
}

if (process.send && process.argv[1] === fileURLToPath(import.meta.url)) hold();
