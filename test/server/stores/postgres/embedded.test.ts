import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AFRESH, type EmbeddedDatabase, startEmbedded } from '../../../../server/stores/postgres/embedded.js';
import { createPool, type Pool } from '../../../../server/stores/postgres/pool.js';
import { fillEmbedded } from '../../../support/embedded-template.js';
import { tempDir } from '../../../support/temp-dir.js';

describe('the embedded database', () => {
  const folder = tempDir();
  let embedded: EmbeddedDatabase;
  let pool: Pool;

  beforeAll(async () => {
    await fillEmbedded(folder.path);
    embedded = await startEmbedded(folder.path);
    pool = createPool({ connection: embedded.connection, max: 1, setUp: AFRESH, onError: () => {} });
  });
  afterAll(async () => {
    await pool.end();
    await embedded.close();
    folder.remove();
  });

  const prepared = () => pool.query<{ one: number }>({ name: 'same-name', text: 'select 1 as one' });

  it('serves a new connection although its one session remembers what the last one prepared', async () => {
    expect((await prepared()).rows).toEqual([{ one: 1 }]);
    const client = await pool.connect();
    client.release(true);
    expect((await prepared()).rows).toEqual([{ one: 1 }]);
  });

  it('serves a new connection although the last one was lost within a transaction', async () => {
    const client = await pool.connect();
    await client.query('begin');
    await client.query('create table left_behind (a integer)');
    client.release(true);
    const { rows } = await pool.query("select to_regclass('left_behind') as found");
    expect(rows).toEqual([{ found: null }]);
  });

  it('keeps its one connection however long nothing is asked', () => {
    expect(pool.options.idleTimeoutMillis).toBe(0);
  });
});
