import { Redis } from 'ioredis';
import { needed } from './needed.js';

/**
 * Redis has 16 databases: as vitest.config.ts allows two workers at a time, each has eight. The first is kept for as long
 * as the worker runs, the others are used in turn.
 */
const PER_WORKER = 8;
let used = 0;

/** The URL of an empty Redis database that no other test file uses meanwhile. Good for seven at a time in one file. */
export const flushedRedis = (): Promise<{ url: string }> => flushed(1 + (used++ % (PER_WORKER - 1)));

/** The one that flushedRedis() never gives away. To be asked for once by a worker. */
export const keptRedis = (): Promise<{ url: string }> => flushed(0);

async function flushed(at: number): Promise<{ url: string }> {
  const server = needed('TEST_REDIS_URL');
  const worker = Number(process.env.VITEST_POOL_ID ?? 1) - 1;
  if (worker > 1) throw new Error('Redis has databases for two vitest workers only: see vitest.config.ts.');
  const database = worker * PER_WORKER + at;
  const url = new URL(server);
  url.pathname = `/${database}`;
  const client = new Redis(url.href);
  await client.flushdb();
  client.disconnect();
  return { url: url.href };
}
