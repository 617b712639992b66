import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPool, inTransaction, type Pool } from '../../../../server/stores/postgres/pool.js';
import { createDatabase, type TestDatabase } from '../../../support/database.js';

let database: TestDatabase;
let pool: Pool;
beforeEach(async () => {
  database = await createDatabase();
  pool = createPool({ connection: { connectionString: database.url }, max: 2, onError: () => {} });
});
afterEach(async () => {
  await pool.end();
  await database.drop();
});

test('a connection lost between two queries of a transaction fails the transaction and nothing else', async () => {
  const work = inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    // Not by node:events' once, which would listen for errors as well.
    const lost = new Promise<void>((resolve) => client.on('end', resolve));
    await pool.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
    await lost;
    await client.query('select');
  });
  await expect(work).rejects.toThrow();
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
});
