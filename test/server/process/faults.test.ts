import { chmodSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { complaints, runFault } from '../../../scripts/faults/run.js';
import { several } from '../../../scripts/faults/several.js';
import { actor } from '../../../scripts/faults/stage.js';
import { makePostgres } from '../../../scripts/test/postgres.mjs';
import { stopAll } from '../../../scripts/test/processes.mjs';
import { type TempDir, tempDir } from '../../support/temp-dir.js';

let folder: TempDir;
beforeAll(() => {
  folder = tempDir();
  chmodSync(folder.path, 0o711);
});
afterAll(async () => {
  await stopAll();
  folder.remove();
});

test('Redis flushed, Postgres away, a server killed and restarted meanwhile, under load: nothing promised is lost or given away, every call is routed', async () => {
  const made = await makePostgres(folder.path);
  const postgres = { ...made, ...actor(made.start) };
  await postgres.start();
  const outcome = await runFault(several, {
    folder: folder.path,
    postgres,
    browsers: 20,
    // Other tests run meanwhile.
    patience: 6,
    before: 2_500,
    after: 6_000,
  });
  expect(complaints(outcome)).toEqual([]);
}, 240_000);
