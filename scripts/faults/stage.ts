import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import pg from 'pg';
import { startChild, UNLIMITED } from '../bench/service.js';
import { freePort } from '../test/free-port.mjs';
import { ended } from '../test/processes.mjs';
import { runRedis } from '../test/redis.mjs';
import { ADMIN_KEY } from './shop.js';

const MAIN = join(import.meta.dirname, '../../dist/server/main.js');

/** A process that a fault starts, kills, stops and freezes. */
export interface Actor {
  start: () => Promise<void>;
  /** Sends the signal to it alone and waits until it has ended. */
  end: (signal: NodeJS.Signals) => Promise<void>;
  /** It and what it started stand still until `thaw`: connections stay open, and nothing answers. */
  freeze: () => void;
  thaw: () => void;
  isUp: () => boolean;
}

export interface Server extends Actor {
  url: string;
  dataDir: string;
}

/** Everything that a fault may break. */
export interface Stage {
  servers: Server[];
  postgres: Actor;
  redis: Actor & { url: string; port: number };
  database: string;
  folder: string;
  /** What a fault started and close() has to end. */
  closing: (() => Promise<void>)[];
  /** Starts whatever does not run. */
  mend: () => Promise<void>;
  close: () => Promise<void>;
}

export interface StageOptions {
  /** Environments on top of ours: of Redis, and of each server. */
  redisEnv?: Record<string, string>;
  serverEnv?: (server: number) => Record<string, string>;
}

/** The processes whose parent it is, as Linux tells. Not its process group: Postgres' backends leave that. */
function childrenOf(pid: number): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((one) => {
    try {
      // pid (name) state parent …, and a name may have blanks and brackets in it.
      const stat = readFileSync(`/proc/${one}/stat`, 'utf8');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid;
    } catch {
      return false;
    }
  });
}

/** Signals a process and then those it started, so that it starts no other in between. */
function signalAll(child: ChildProcess | null, name: NodeJS.Signals): void {
  const pid = child?.pid ?? 0;
  if (pid === 0) return;
  process.kill(pid, name);
  for (const one of childrenOf(pid)) {
    try {
      process.kill(one, name);
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** A process by what starts it. */
export function actor(run: () => Promise<ChildProcess>): Actor {
  let child: ChildProcess | null = null;
  return {
    async start() {
      child = await run();
    },
    async end(name) {
      if (!child || ended(child)) return;
      const gone = once(child, 'exit');
      child.kill(name);
      await gone;
    },
    freeze: () => signalAll(child, 'SIGSTOP'),
    thaw: () => signalAll(child, 'SIGCONT'),
    isUp: () => child !== null && !ended(child),
  };
}

/** A new database on that server; its URL. */
export async function createDatabase(server: string, name: string): Promise<string> {
  const client = new pg.Client(server);
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

async function makeServer(folder: string, env: Record<string, string>): Promise<Server> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const log = openSync(join(folder, `server-${port}.log`), 'a');
  const all = {
    PORT: String(port),
    DATA_DIR: join(folder, `server-${port}`),
    ADMIN_KEY,
    DEMO: '0',
    ...UNLIMITED,
    LOG_LEVEL: 'warn',
    ...env,
  };
  const isReady = async () => (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok;
  return {
    ...actor(async () => (await startChild([MAIN], all, isReady, log)).child),
    url,
    dataDir: all.DATA_DIR,
  };
}

/** Two servers of the built service, on a database of the Postgres given and a Redis of their own, all of them running. */
export async function openStage(
  folder: string,
  postgres: Actor & { url: string },
  { redisEnv, serverEnv }: StageOptions = {},
): Promise<Stage> {
  const port = await freePort();
  const redis = {
    ...actor(() => runRedis(join(folder, 'redis'), port, { env: { ...process.env, ...redisEnv } })),
    url: `redis://127.0.0.1:${port}`,
    port,
  };
  await redis.start();
  const database = await createDatabase(postgres.url, `faults_${port}`);
  const stores = { DATABASE_URL: database, REDIS_URL: redis.url };
  const closing: Stage['closing'] = [];
  const servers = await Promise.all(
    [0, 1].map((at) => makeServer(folder, { ...stores, ...serverEnv?.(at) })),
  );
  await Promise.all(servers.map((server) => server.start()));
  return {
    servers,
    postgres,
    redis,
    database,
    folder,
    closing,
    async mend() {
      for (const one of [postgres, redis, ...servers]) if (!one.isUp()) await one.start();
    },
    async close() {
      for (const end of closing) await end();
      await Promise.all(servers.map((server) => server.end('SIGTERM')));
      await redis.end('SIGKILL');
    },
  };
}

/** A connection to Redis, for as long as `work` takes. */
export async function withRedis<T>(url: string, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { maxRetriesPerRequest: 2 });
  redis.on('error', () => {});
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

/** Waits until it is so, for a minute at most. */
export async function until(isSo: () => Promise<boolean> | boolean, what: string): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`not in a minute: ${what}`);
    await sleep(50);
  }
}
