import { Redis } from 'ioredis';
import { needed } from './needed.js';

/** Redis has 16 databases: as vitest.config.ts allows two workers at a time, each has eight, used in turn. */
const PER_WORKER = 8;
let used = 0;

/** The URL of an empty Redis database that no other test file uses meanwhile. Good for eight at a time in one file. */
export async function flushedRedis(): Promise<{ url: string }> {
  const server = needed('TEST_REDIS_URL');
  const worker = Number(process.env.VITEST_POOL_ID ?? 1) - 1;
  if (worker > 1) throw new Error('Redis has databases for two vitest workers only: see vitest.config.ts.');
  const database = worker * PER_WORKER + (used++ % PER_WORKER);
  const url = new URL(server);
  url.pathname = `/${database}`;
  const client = new Redis(url.href);
  await client.flushdb();
  client.disconnect();
  return { url: url.href };
}
