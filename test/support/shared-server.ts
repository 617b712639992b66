import { keptRedis } from './redis.js';
import { type Mode, type ServerOptions, startServer, type TestServer } from './server-process.js';
import { atWorkerEnd } from './worker-end.js';

/** The servers of this worker, each kept for its next test file. */
const running = new Map<string, Promise<TestServer>>();

/**
 * A server with the options that tests have by default, shared with the test files that run in this worker before and
 * after: each makes sites of its own, and none stops, breaks or counts what is there in all. It is stopped when the
 * worker ends.
 */
export const sharedServer = (mode: Mode): Promise<TestServer> =>
  kept(mode, async () => {
    if (mode !== 'redis') return { mode };
    return { mode, env: { REDIS_URL: (await keptRedis()).url } };
  });

/** Another server on the stores of the shared one, shared likewise. */
export const sharedSecond = (mode: Exclude<Mode, 'embedded'>): Promise<TestServer> =>
  kept(
    `${mode}, second`,
    async () => ({ mode, env: (await sharedServer(mode)).stores }),
    // Its stores end meanwhile.
    async (server) => {
      await server.kill();
      await server.stop();
    },
  );

async function kept(
  name: string,
  options: () => Promise<ServerOptions>,
  end = (server: TestServer) => server.stop(),
): Promise<TestServer> {
  const before = await running.get(name);
  if (before && before.ended() === null) return before;
  const started = options().then(startServer);
  running.set(name, started);
  const server = await started;
  atWorkerEnd(() => end(server));
  return server;
}
