import { afterAll, beforeAll, expect, test } from 'vitest';
import { booleans, numbers, texts, times, uuids } from '../../../../server/stores/postgres/lists.js';
import { createPool, type Pool } from '../../../../server/stores/postgres/pool.js';
import { createDatabase, type TestDatabase } from '../../../support/database.js';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createDatabase();
  pool = createPool({ connection: { connectionString: database.url }, max: 1, onError: () => {} });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const A = '00000000-0000-7000-8000-0000000000ff';
const B = 'ffffffff-ffff-4fff-bfff-fffffffffffe';
const ODD = 'ünïcode 📞 {"a,b\\"} null\n';

test.each([
  ['uuid', uuids, [A, null, B]],
  ['text', texts, ['', null, ODD, 'null']],
  ['boolean', booleans, [true, null, false]],
  ['float8', numbers, [0, null, -1.5, 1e300]],
  ['timestamptz', times, [new Date('1999-12-31T23:59:59.999Z'), null, new Date('2026-07-28T10:11:12.013Z')]],
] as [string, (items: unknown[]) => Buffer, unknown[]][])('%s', async (type, list, items) => {
  const { rows } = await pool.query<{ item: unknown }>(
    `select ($1::${type}[])[place] as item from generate_series(1, cardinality($1::${type}[])) as place`,
    [list(items)],
  );
  expect(rows.map((row) => row.item)).toEqual(items);
  const none = await pool.query(`select cardinality($1::${type}[]) as length`, [list([])]);
  expect(none.rows).toEqual([{ length: 0 }]);
});

test('a text that is no UUID is refused', () => {
  expect(() => uuids(['00000000-0000-7000-8000-00000000000g'])).toThrow('not a UUID');
  expect(() => uuids([''])).toThrow('not a UUID');
});
