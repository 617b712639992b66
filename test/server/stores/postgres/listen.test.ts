import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { newId } from '../../../../server/lib/ids.js';
import { createPool, type Pool } from '../../../../server/stores/postgres/pool.js';
import { listenForSettings } from '../../../../server/stores/postgres/settings/listen.js';
import { createSettingsStore } from '../../../../server/stores/postgres/settings/settings.js';
import { createDatabase, type TestDatabase } from '../../../support/database.js';
import { newSite } from '../../../support/settings-rows.js';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createDatabase();
  pool = createPool({ connection: { connectionString: database.url }, max: 2, onError: () => {} });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const soon = { timeout: 20_000, interval: 20 };
const listeners = async () =>
  (
    await pool.query<{ pid: number }>(
      "select pid from pg_stat_activity where datname = current_database() and query like 'listen %'",
    )
  ).rows;

test('a change is heard of at once; after a lost connection everything may have changed, and is heard of again', async () => {
  const store = createSettingsStore(pool);
  const heard: (string | null)[] = [];
  const errors: Error[] = [];
  const listener = listenForSettings(
    { connectionString: database.url },
    { onChange: (siteId) => heard.push(siteId), onError: (error) => errors.push(error) },
  );
  onTestFinished(() => listener.close());
  // What was changed before it listened was not heard.
  await expect.poll(() => heard, soon).toEqual([null]);

  const site = await store.createSite(newSite());
  await expect.poll(() => heard, soon).toEqual([null, site.id]);
  const key = await store.createKey({
    id: newId(),
    name: 'Key',
    scopes: ['admin'],
    site_id: null,
    hash: 'h',
  });
  await expect.poll(() => heard, soon).toEqual([null, site.id, null]);

  heard.length = 0;
  const before = await listeners();
  expect(before).toHaveLength(1);
  await pool.query('select pg_terminate_backend($1)', [before[0]?.pid]);
  await store.retireKey(key.id);
  await expect.poll(() => heard, soon).toEqual([null]);
  expect(errors).not.toHaveLength(0);
  expect((await listeners())[0]?.pid).not.toBe(before[0]?.pid);
  await store.updateSite(site.id, { name: 'Another' });
  await expect.poll(() => heard, soon).toEqual([null, site.id]);
});
