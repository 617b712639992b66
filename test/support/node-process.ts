import { spawn } from 'node:child_process';
import { once } from 'node:events';

const STOP_SECONDS = 15;

export interface NodeProcess {
  pid: number;
  stdout: () => string;
  stderr: () => string;
  /** The exit code, or the signal that ended it; null while it runs. */
  ended: () => number | string | null;
  /** Resolves with ended() when it has ended. */
  exit: Promise<number | string>;
  /** SIGTERM. Throws unless it ends with code 0 in time; after kill() does nothing. */
  stop: () => Promise<void>;
  /** kill -9. */
  kill: () => Promise<void>;
}

/** Runs a script in a Node process with this environment and nothing of ours but the way to programs and folders. */
export function startNode(script: string, env: Record<string, string>): NodeProcess {
  const { PATH, HOME, TMPDIR } = process.env;
  const child = spawn(process.execPath, ['--enable-source-maps', script], {
    env: { PATH, HOME, TMPDIR, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const killWithUs = () => child.kill('SIGKILL');
  process.once('exit', killWithUs);

  const ended = () => child.exitCode ?? child.signalCode;
  const exit = once(child, 'close').then(([code, signal]) => {
    process.off('exit', killWithUs);
    return (code ?? signal) as number | string;
  });
  let killed = false;
  return {
    pid: child.pid ?? 0,
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    exit,
    kill: async () => {
      killed = true;
      child.kill('SIGKILL');
      await exit;
    },
    stop: async () => {
      if (killed) return;
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_SECONDS * 1000);
      const how = await exit;
      clearTimeout(late);
      if (how !== 0) throw new Error(`${script} ended with ${how} instead of 0:\n${stdout}${stderr}`);
    },
  };
}
