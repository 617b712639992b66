// `npm run concurrency`: 10,000 visitors, 200 connections, four servers, pools shorter than their visitors; with leases
// in Redis, in a Redis Cluster and in Postgres. Prints what was told and what must not be, and ends with 1 if it was.
// CONCURRENCY_VISITORS: another number of them.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild, UNLIMITED } from './bench/service.js';
import type { PoolPlan } from './concurrency/pools.js';
import { complaints, runConcurrency } from './concurrency/run.js';
import { createDatabase } from './faults/stage.js';
import { freePort } from './test/free-port.mjs';
import { meetNeeds } from './test/needs.mjs';
import { startPostgres } from './test/postgres.mjs';
import { killAll, stopAll } from './test/processes.mjs';
import { startRedis } from './test/redis.mjs';
import { startRedisCluster } from './test/redis-cluster.mjs';

const SERVERS = 4;
const CONNECTIONS = 200;
const VISITORS = Number(process.env.CONCURRENCY_VISITORS ?? 10_000);
const ADMIN_KEY = 'a-key-for-this-run-only';
const MAIN = join(import.meta.dirname, '../dist/server/main.js');

/** The numbers of the first change hands again and again; the others fill up. */
const POOLS: PoolPlan[] = [
  { numbers: 50, share: 1, reservationSeconds: 6, minSeconds: 3 },
  { numbers: 500, share: 2, reservationSeconds: 1800, minSeconds: 300 },
  { numbers: 5_000, share: 7, reservationSeconds: 1800, minSeconds: 300 },
];

await meetNeeds();
const folder = mkdtempSync(join(tmpdir(), 'dni-concurrency-'));
// Postgres runs as another user when we are root: it must get through to its own folder.
chmodSync(folder, 0o711);
process.on('exit', killAll);
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => process.exit(1));

async function startServers(stores: Record<string, string>) {
  const starting = Array.from({ length: SERVERS }, async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const env = {
      PORT: String(port),
      DATA_DIR: join(folder, `server-${port}`),
      ADMIN_KEY,
      DEMO: '0',
      LOG_LEVEL: 'warn',
      ...UNLIMITED,
      ...stores,
    };
    const { stop } = await startChild([MAIN], env, async () => (await fetch(`${url}/readyz`)).ok);
    return { url, stop };
  });
  return Promise.all(starting);
}

const postgres = await startPostgres(folder);
const stores: Record<string, string | null> = {
  redis: await startRedis(folder),
  cluster: await startRedisCluster(folder),
  postgres: null,
};
let isFine = true;
for (const [name, redis] of Object.entries(stores)) {
  const database = await createDatabase(postgres, `concurrency_${name}`);
  const servers = await startServers({ DATABASE_URL: database, ...(redis ? { REDIS_URL: redis } : {}) });
  const before = performance.now();
  const urls = servers.map(({ url }) => url);
  const found = await runConcurrency(
    { urls, database, adminKey: ADMIN_KEY },
    { visitors: VISITORS, connections: CONNECTIONS, pools: POOLS },
  );
  for (const { stop } of servers) await stop();
  const { visitors, answers, leases, refused } = found;
  const wrong = complaints(found);
  isFine &&= wrong.length === 0;
  const seconds = Math.round((performance.now() - before) / 1000);
  console.log(
    `${name}: ${visitors} visitors, ${answers} answers, ${leases} leases, ${refused} views refused, ${seconds} s: ` +
      (wrong.length === 0 ? 'all well' : wrong.join('; ')),
  );
}
await stopAll();
rmSync(folder, { recursive: true, force: true });
process.exit(isFine ? 0 : 1);
