import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { isAway } from '../../../../server/stores/postgres/failures.js';
import { createPool, inTransaction, type Pool } from '../../../../server/stores/postgres/pool.js';
import { alwaysThere, type Presence, watchPostgres } from '../../../../server/stores/postgres/presence.js';
import { createDatabase, type TestDatabase } from '../../../support/database.js';
import { type FaultyPostgres, startFaultyPostgres } from '../../../support/faulty-postgres.js';
import { freePort } from '../../../support/free-port.js';
import { until } from '../../routes/until.js';

let database: TestDatabase;
let postgres: FaultyPostgres;
let presence: Presence;
let pool: Pool;
let changes: boolean[];

beforeAll(async () => {
  database = await createDatabase();
  postgres = await startFaultyPostgres(database.url);
  presence = watchPostgres({ connectionString: postgres.url }, (gone) => changes.push(gone));
  pool = createPool({ connection: presence.connection, max: 2, onError: () => {} });
  changes = [];
  expect(presence.isAway()).toBe(true);
  expect(await presence.check()).toBe(true);
  expect(changes).toEqual([false]);
});
afterEach(async () => {
  await postgres.set('none');
  await until(presence.isAway, (away) => !away);
});
beforeEach(() => {
  changes = [];
});
afterAll(async () => {
  await presence?.close();
  await pool?.end();
  await postgres?.close();
  await database?.drop();
});

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'none',
    (error: unknown) => error,
  );

test.each(['hang', 'refuse'] as const)(
  'Postgres that does not answer (%s) is away: who waits learns it, who comes is refused, and it is noticed when it is back',
  async (how) => {
    await pool.query('select');
    const inside = failure(
      inTransaction(pool, async (client) => {
        await postgres.set(how);
        await client.query('select');
      }),
    );
    // One on the other connection, one on none.
    const others = [pool.query('select'), pool.query('select')].map(failure);
    for (const error of await Promise.all([inside, ...others])) expect(isAway(error)).toBe(true);
    await until(presence.isAway, (away) => away);
    expect(await failure(pool.query('select'))).toMatchObject({ code: 'EAWAY' });
    expect(pool.totalCount).toBe(0);
    expect(isAway(presence.error())).toBe(true);

    await postgres.set('none');
    await until(presence.isAway, (away) => !away);
    expect(presence.error()).toBeNull();
    expect(changes).toEqual([true, false]);
    await pool.query('select');
  },
);

test('Postgres that is busy with one long statement is there', async () => {
  const slow = pool.query('select pg_sleep(2.5)');
  expect(await presence.check()).toBe(true);
  await slow;
  expect(changes).toEqual([]);
});

test('Postgres that ends the connection it is asked on is there', async () => {
  const { rowCount } = await pool.query(
    `select pg_terminate_backend(pid)
    from pg_stat_activity
    where application_name = 'dni presence'
      and datname = current_database()`,
  );
  expect(rowCount).toBe(1);
  expect(await presence.check()).toBe(true);
  expect(changes).toEqual([]);
});

test('Postgres that was never there is away, with the reason', async () => {
  const nobody = watchPostgres(
    { connectionString: `postgres://postgres@127.0.0.1:${await freePort()}/x` },
    (gone) => changes.push(gone),
  );
  expect(await nobody.check()).toBe(false);
  expect(nobody.error()).toMatchObject({ code: 'ECONNREFUSED' });
  await nobody.close();
  expect(await nobody.check()).toBe(false);
  expect(changes).toEqual([]);
});

test('a database in this process is always there', async () => {
  const here = alwaysThere({ host: '/nowhere' });
  expect([here.isAway(), await here.check()]).toEqual([false, true]);
});
