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

/**
 * Starts a Redis that keeps nothing and writes below `home`: a server's process that answers. `settings` are lines of
 * redis.conf, by name.
 */
export async function runRedis(home, port, { settings = {}, env = process.env } = {}) {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const log = join(home, 'redis.log');
  const output = openSync(log, 'a');
  const all = { port, bind: '127.0.0.1', dir: home, save: '', appendonly: 'no', databases: 16, ...settings };
  const child = start(
    findRedis(),
    Object.entries(all).flatMap(([name, value]) => [`--${name}`, String(value)]),
    { cwd: home, env, stdio: ['ignore', output, output] },
  );
  await waitUntil(() => redisAnswers(`redis://127.0.0.1:${port}`), child, 'Redis', log);
  return child;
}

/** Starts a Redis of our own that keeps nothing. Returns its URL. */
export async function startRedis(folder) {
  const port = await freePort();
  await runRedis(join(folder, 'redis'), port);
  return `redis://127.0.0.1:${port}`;
}
