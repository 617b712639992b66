import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import openapiTs, { astToString } from 'openapi-typescript';
import { beforeAll, expect, test } from 'vitest';
import { api, type Loose } from '../support/api.js';
import type { TestServer } from '../support/server-process.js';
import { sharedServer } from '../support/shared-server.js';
import { makeSite } from '../support/site.js';
import { tempDir } from '../support/temp-dir.js';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const PROGRAM = join(FOLDER, 'program.ts');
const TSC = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));

let server: TestServer;
beforeAll(async () => {
  server = await sharedServer('postgres');
});

/** The compiler's complaints about the program with these types beside it; '' where there are none. */
async function complaints(types: string): Promise<string> {
  const folder = tempDir();
  try {
    await writeFile(join(folder.path, 'service.d.ts'), types);
    const compilerOptions = {
      strict: true,
      noEmit: true,
      module: 'nodenext',
      target: 'es2023',
      lib: ['es2023', 'dom'],
      types: [],
      skipLibCheck: true,
      // As if both lay in one folder.
      rootDirs: [FOLDER, folder.path],
    };
    const config = join(folder.path, 'tsconfig.json');
    await writeFile(config, JSON.stringify({ compilerOptions, files: [PROGRAM] }));
    return await promisify(execFile)(process.execPath, [TSC, '-p', config]).then(
      () => '',
      ({ stdout, stderr }) => `${stdout}${stderr}`,
    );
  } finally {
    folder.remove();
  }
}

// A compiler on a busy machine takes its time.
test('a client whose types are made from the document fits the running service', {
  timeout: 120_000,
}, async () => {
  const document: Loose = (await api(server.url).get('/docs/json')).body;
  const types = astToString(await openapiTs(document, { defaultNonNullable: false, silent: true }));
  // The program expects errors too: types that take everything would be complained of.
  expect(await complaints(types)).toBe('');

  const { run } = (await import(pathToFileURL(PROGRAM).href)) as Loose;
  const site = await makeSite(api(server.url, server.adminKey));
  const seen = await run(server.url, server.adminKey, site.id, site.numbers[0]);
  expect(seen).toEqual({
    currency: 'EUR',
    saved: 1,
    costs: [['flyer', 90.5]],
    call: expect.any(String),
    tags: ['vip'],
    note: 'by a client',
    listed: [seen.call],
    total: 1,
    bySource: ['(unknown)', 'flyer'],
    code: 'invalid_request',
    fields: ['costs.0.cost'],
  });
});
