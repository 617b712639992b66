import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** The children that still run. */
const running = new Set();

/** Signals a child and everything it started: each child leads a process group. */
function signal(child, name) {
  try {
    process.kill(-child.pid, name);
  } catch {
    // The whole group is gone already.
  }
}

/** Starts a child in a process group of its own. It dies with this process, and so do its own children. */
export function start(command, args, options = {}) {
  const child = spawn(command, args, { ...options, detached: true });
  running.add(child);
  child.failure = null;
  child.on('error', (error) => {
    child.failure = error;
    running.delete(child);
  });
  child.on('exit', () => {
    signal(child, 'SIGKILL');
    running.delete(child);
  });
  return child;
}

/** Whether a child has ended, or never began. */
export const ended = (child) =>
  child.failure !== null || child.exitCode !== null || child.signalCode !== null;

/** Runs a command to its end, its output on ours. Returns its exit code; 1 if it could not start or was killed. */
export async function run(command, args, options = {}) {
  const child = start(command, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options });
  try {
    const [code] = await once(child, 'close');
    return code ?? 1;
  } catch (error) {
    console.log(`${command}: ${error.message}`);
    return 1;
  }
}

/** Runs a command quietly. Returns its exit code and what it printed, for saying why it failed. */
export async function runQuietly(command, args, options = {}) {
  const child = start(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
  try {
    const [code] = await once(child, 'close');
    return { code: code ?? 1, output };
  } catch (error) {
    return { code: 1, output: error.message };
  }
}

/** Asks every child to end, the newest first, and ends those that have not after 10 s. */
export async function stopAll() {
  for (const child of [...running].reverse()) {
    if (ended(child)) continue;
    const gone = once(child, 'exit');
    // To Postgres SIGINT means: close the connections and stop cleanly.
    signal(child, 'SIGINT');
    const timer = setTimeout(() => signal(child, 'SIGKILL'), 10_000);
    await gone;
    clearTimeout(timer);
  }
}

/** The last resort, from an exit handler, where nothing can be awaited. */
export function killAll() {
  for (const child of running) signal(child, 'SIGKILL');
}
