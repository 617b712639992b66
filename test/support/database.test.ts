import pg from 'pg';
import { afterEach, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from './database.js';

const made: TestDatabase[] = [];
afterEach(async () => {
  for (const database of made.splice(0)) await database.drop();
});

async function ask(url: string, sql: string) {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('databases made at once are migrated, empty and apart', async () => {
  made.push(...(await Promise.all([createDatabase(), createDatabase(), createDatabase()])));
  const [first, second] = made as [TestDatabase, TestDatabase];
  await ask(first.url, "insert into keys values (gen_random_uuid(), 'a', '{}', null, 'hash', now(), null)");
  expect(await ask(first.url, 'select count(*)::int from keys')).toEqual([{ count: 1 }]);
  expect(await ask(second.url, 'select count(*)::int from keys')).toEqual([{ count: 0 }]);
});

test('a dropped database is gone', async () => {
  const { url, drop } = await createDatabase();
  await drop();
  await expect(ask(url, 'select 1')).rejects.toThrow('does not exist');
});
