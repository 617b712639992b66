import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { flushedRedis } from './redis.js';

test('each is another database, and empty when its turn comes again', async () => {
  const urls = new Set<string>();
  for (let turn = 0; turn < 9; turn++) {
    const { url } = await flushedRedis();
    urls.add(url);
    const client = new Redis(url);
    expect(await client.dbsize()).toBe(0);
    await client.set('mark', turn);
    client.disconnect();
  }
  expect(urls.size).toBe(8);
});
