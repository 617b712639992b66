import { relative } from 'node:path';
import { expect, it } from 'vitest';
import { startEmbedded } from '../../../../server/stores/postgres/embedded.js';
import { createPool } from '../../../../server/stores/postgres/pool.js';
import { fillEmbedded } from '../../../support/embedded-template.js';
import { tempDir } from '../../../support/temp-dir.js';

it('the embedded database is reached in a folder named from here, as DATA_DIR is by default', async () => {
  const folder = tempDir();
  await fillEmbedded(folder.path);
  const embedded = await startEmbedded(relative(process.cwd(), folder.path));
  const pool = createPool({ connection: embedded.connection, max: 1, onError() {} });
  try {
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  } finally {
    await pool.end();
    await embedded.close();
    folder.remove();
  }
}, 120_000);
