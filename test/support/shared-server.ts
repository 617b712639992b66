import { keptRedis } from './redis.js';
import { type Mode, startServer, type TestServer } from './server-process.js';

/** The servers of this worker, each kept for its next test file. */
const running = new Map<Mode, Promise<TestServer>>();

/**
 * A server with the options that tests have by default, shared with the test files that run in this worker before and
 * after: each makes sites of its own, and none stops, breaks or counts what is there in all. It is stopped when the
 * worker ends.
 */
export async function sharedServer(mode: Mode): Promise<TestServer> {
  if (running.size === 0) process.once('SIGTERM', stopAll);
  const before = await running.get(mode);
  if (before && before.ended() === null) return before;
  const started = start(mode);
  running.set(mode, started);
  return started;
}

async function start(mode: Mode): Promise<TestServer> {
  return startServer({ mode, env: mode === 'redis' ? { REDIS_URL: (await keptRedis()).url } : {} });
}

/** vitest ends a worker by SIGTERM. */
async function stopAll(): Promise<void> {
  const stopped = await Promise.allSettled(
    [...running.values()].map(async (server) => (await server).stop()),
  );
  for (const one of stopped) if (one.status === 'rejected') console.error(one.reason);
  process.exit(stopped.some(({ status }) => status === 'rejected') ? 1 : 0);
}
