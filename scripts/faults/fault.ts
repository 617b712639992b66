import type { Server, Stage, StageOptions } from './stage.js';

export interface Fault {
  name: string;
  /** What is done, in the words of the table. */
  title: string;
  /** Why it cannot be done on this machine; null: it can. */
  cannot?: () => string | null;
  /** Before anything is started; `folder` is that of the stage. */
  prepare?: (folder: string) => Promise<StageOptions & { undo?: () => void }>;
  /**
   * Breaks something under load and mends it. Resolves with the moment from which the service is given time to recover:
   * that of a crash, or that from which what was away is back.
   */
  run: (stage: Stage) => Promise<number>;
}

/** kill -9, and a process manager that starts it again at once. Resolves with the moment of the crash. */
export async function crash(server: Server): Promise<number> {
  const at = performance.now();
  await server.end('SIGKILL');
  await server.start();
  return at;
}
