import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { flushedRedis, keptRedis } from './redis.js';

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
  expect(urls.size).toBe(7);
});

test('the one that is kept is none of those', async () => {
  const { url } = await keptRedis();
  for (let turn = 0; turn < 8; turn++) expect((await flushedRedis()).url).not.toBe(url);
});
