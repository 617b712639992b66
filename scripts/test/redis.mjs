import { mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { findRedis } from './find.mjs';
import { freePort } from './free-port.mjs';
import { start } from './processes.mjs';
import { waitUntil } from './wait.mjs';

/** Whether a Redis server answers there. */
export async function redisAnswers(url) {
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 5000,
    retryStrategy: null,
    maxRetriesPerRequest: 0,
  });
  // The reason is in the rejected promise too.
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}

/** Starts a Redis of our own that keeps nothing. Returns its URL. */
export async function startRedis(folder) {
  const home = join(folder, 'redis');
  mkdirSync(home, { mode: 0o700 });
  const port = await freePort();
  const log = join(folder, 'redis.log');
  const output = openSync(log, 'a');
  const settings = { port, bind: '127.0.0.1', dir: home, save: '', appendonly: 'no', databases: 16 };
  const child = start(
    findRedis(),
    Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]),
    { cwd: home, stdio: ['ignore', output, output] },
  );
  const url = `redis://127.0.0.1:${port}`;
  await waitUntil(() => redisAnswers(url), child, 'Redis', log);
  return url;
}
