import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createDatabase } from './database.js';
import { fillEmbedded } from './embedded-template.js';
import { freePort } from './free-port.js';
import { type NodeProcess, startNode } from './node-process.js';
import { flushedRedis } from './redis.js';
import { tempDir } from './temp-dir.js';

const MAIN = fileURLToPath(new URL('../../dist/server/main.js', import.meta.url));
const START_SECONDS = 60;

/** What a server starts with unless a test says otherwise. */
const DEFAULTS = {
  ADMIN_KEY: 'admin-key-of-the-tests',
  LOG_LEVEL: 'warn',
  RATE_LIMIT: '0',
  SITE_RATE_LIMIT: '0',
  LEASE_LIMIT: '0',
  SITE_LEASE_LIMIT: '0',
  DEMO: '0',
  COUNTRY_HEADER: 'CF-IPCountry',
};

/** embedded: nothing beside it. postgres: a database. redis: a database and a Redis. */
export type Mode = 'embedded' | 'postgres' | 'redis';

export interface ServerOptions {
  mode: Mode;
  /** Goes over the defaults. A DATABASE_URL or REDIS_URL given here is used; none is made then, nor dropped. */
  env?: Record<string, string>;
  /** Kept when the server stops. Absent: a temporary folder. */
  dataDir?: string;
  /** The service itself makes the embedded database that its data folder lacks; else it is there already, and empty. */
  makesDatabase?: boolean;
}

export interface TestServer extends NodeProcess {
  url: string;
  adminKey: string;
  dataDir: string;
  /** Its DATABASE_URL and REDIS_URL, as far as it has them: the `env` of another server on the same stores. */
  stores: Record<string, string>;
  /** SIGTERM, then removes what was made for it. Throws unless it ends with code 0; after kill() only removes. */
  stop: () => Promise<void>;
  /** kill -9. What was made for it stays until stop(). */
  kill: () => Promise<void>;
}

/** Starts the built server as a process of its own and waits until it is ready. */
export async function startServer({
  mode,
  env: given = {},
  dataDir,
  makesDatabase,
}: ServerOptions): Promise<TestServer> {
  if (!existsSync(MAIN))
    throw new Error('dist/server/main.js is not there: run `npm test -- <file>`, which builds it.');
  const undo: (() => unknown)[] = [];
  const cleanUp = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  const env: Record<string, string> = { ...DEFAULTS, PORT: String(await freePort()), ...given };
  env.DATA_DIR = dataDir ?? '';
  if (!dataDir) {
    const folder = tempDir();
    undo.push(folder.remove);
    env.DATA_DIR = folder.path;
  }
  if (mode === 'embedded' && !makesDatabase) await fillEmbedded(env.DATA_DIR);
  if (mode !== 'embedded' && !env.DATABASE_URL) {
    const database = await createDatabase();
    undo.push(database.drop);
    env.DATABASE_URL = database.url;
  }
  if (mode === 'redis' && !env.REDIS_URL) env.REDIS_URL = (await flushedRedis()).url;

  const url = `http://127.0.0.1:${env.PORT}`;
  const server = startNode(MAIN, env);
  try {
    await untilReady(url, server);
  } catch (error) {
    await server.kill();
    await cleanUp();
    const said = `${server.stdout()}${server.stderr()}`;
    throw new Error(`The server did not start (${mode}): ${(error as Error).message}\n${said}`);
  }
  return {
    ...server,
    url,
    adminKey: env.ADMIN_KEY ?? '',
    dataDir: env.DATA_DIR,
    stores: Object.fromEntries(Object.entries(env).filter(([name]) => /^(DATABASE|REDIS)_URL$/.test(name))),
    stop: () => server.stop().finally(cleanUp),
  };
}

async function untilReady(url: string, server: NodeProcess): Promise<void> {
  const deadline = Date.now() + START_SECONDS * 1000;
  for (;;) {
    if (server.ended() !== null) throw new Error(`it ended with ${server.ended()}`);
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5000) }).catch(() => null);
    await answer?.body?.cancel();
    if (answer?.status === 200) return;
    if (Date.now() > deadline) throw new Error(`not ready after ${START_SECONDS} s`);
    await sleep(50);
  }
}
