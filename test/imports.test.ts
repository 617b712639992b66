import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { forbiddenImports, type ImportMap, importCycles } from './support/import-rules.js';
import { readImports } from './support/read-imports.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FOLDERS = ['shared', 'snippet', 'server', 'scripts'];

const importsOf = (sources: Record<string, string>): ImportMap =>
  new Map(Object.entries(sources).map(([file, source]) => [file, readImports(source, file)]));

function ourSources(): Record<string, string> {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(ts|mjs|js)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  return Object.fromEntries(
    files.map((file) => [relative(ROOT, file).split(sep).join('/'), readFileSync(file, 'utf8')]),
  );
}

describe('our imports', () => {
  let files: ImportMap;
  beforeAll(() => {
    files = importsOf(ourSources());
  });

  test('are found', () => {
    expect(files.size).toBeGreaterThan(10);
    expect(files.get('server/lib/ids.ts')).toContainEqual({ specifier: 'uuid', kind: 'value' });
  });

  test('run one way', () => {
    expect(forbiddenImports(files)).toEqual([]);
  });

  test('make no cycles', () => {
    // The script is one scope in the end, whose parts call each other once all are there.
    const isScript = (cycle: string) => cycle.split(' → ').every((file) => file.startsWith('snippet/'));
    expect(importCycles(files).filter((cycle) => !isScript(cycle))).toEqual([]);
  });
});

describe('the reader of imports', () => {
  test.each([
    ["import { a } from './a.js'", './a.js', 'value'],
    ["import a from './a.js'", './a.js', 'value'],
    ["import * as a from './a.js'", './a.js', 'value'],
    ["import './a.js'", './a.js', 'value'],
    ["import type { A } from './a.js'", './a.js', 'type'],
    ["import { type A } from './a.js'", './a.js', 'value'],
    ["export { a } from './a.js'", './a.js', 'value'],
    ["export * from './a.js'", './a.js', 'value'],
    ["export type { A } from './a.js'", './a.js', 'type'],
    ["export type * from './a.js'", './a.js', 'type'],
    ["async () => { if (x) await import('./a.js'); }", './a.js', 'value'],
    ['const a = await import(`./a.js`)', null, 'value'],
    ['const a = await import(name)', null, 'value'],
    ["type A = import('./a.js').A", './a.js', 'type'],
    ["type A = typeof import('./a.js')", './a.js', 'type'],
    ["import a = require('./a.js')", './a.js', 'value'],
  ])('reads %s', (source, specifier, kind) => {
    expect(readImports(source, 'x.ts')).toEqual([{ specifier, kind }]);
  });

  test.each([
    "// import './a.js'",
    "/* import('./a.js') */",
    'const text = "import(\'./a.js\')"',
    'export const a = 1',
  ])('sees no import in %s', (source) => {
    expect(readImports(source, 'x.ts')).toEqual([]);
  });

  test('names the file that it cannot read', () => {
    expect(() => readImports('...', 'broken.ts')).toThrow('broken.ts');
  });

  test('reads plain JavaScript', () => {
    expect(readImports("import { a } from 'a'", 'x.mjs')).toEqual([{ specifier: 'a', kind: 'value' }]);
  });
});

describe('the rules', () => {
  const value = (specifier: string) => `import { a } from '${specifier}'`;
  const type = (specifier: string) => `import type { A } from '${specifier}'`;

  test.each([
    ['shared/a.ts', type('./b.js')],
    ['snippet/a.ts', value('../shared/b.js')],
    ['snippet/a.ts', value('./b.js')],
    ['server/lib/a.ts', value('uuid')],
    ['server/lib/a.ts', value('../../shared/b.js')],
    ['server/config.ts', value('./lib/b.js')],
    ['server/stores/postgres/a.ts', value('../../lib/b.js')],
    ['server/stores/postgres/a.ts', type('../lease-store.js')],
    ['server/stores/a.ts', value('../config.js')],
    ['server/providers/twilio/a.ts', value('node:crypto')],
    ['server/domain/a.ts', type('../stores/b.js')],
    ['server/domain/a.ts', type('../providers/b.js')],
    ['server/domain/a.ts', value('../lib/b.js')],
    ['server/routes/a.ts', value('../domain/b.js')],
    ['server/routes/a.ts', type('../stores/b.js')],
    ['server/app.ts', value('./routes/index.js')],
    ['server/compose.ts', value('./stores/postgres/a.js')],
    ['server/compose.ts', value('./providers/twilio/a.js')],
    ['server/main.ts', value('./compose.js')],
    ['scripts/a.ts', value('../server/stores/postgres/a.js')],
  ])('allow %s: %s', (file, source) => {
    expect(forbiddenImports(importsOf({ [file]: source }))).toEqual([]);
  });

  test.each([
    ['shared/a.ts', value('uuid')],
    ['shared/a.ts', type('zod')],
    ['shared/a.ts', value('node:path')],
    ['shared/a.ts', type('../server/lib/b.js')],
    ['shared/a.ts', value('../snippet/b.js')],
    ['snippet/a.ts', value('uuid')],
    ['snippet/a.ts', value('../server/lib/b.js')],
    ['snippet/a.ts', type('../server/domain/b.js')],
    ['server/lib/a.ts', value('../stores/b.js')],
    ['server/lib/a.ts', type('../domain/b.js')],
    ['server/lib/a.ts', value('../../snippet/b.js')],
    ['server/config.ts', value('./compose.js')],
    ['server/stores/a.ts', value('../providers/b.js')],
    ['server/stores/a.ts', type('../providers/b.js')],
    ['server/stores/a.ts', type('../domain/b.js')],
    ['server/providers/a.ts', type('../stores/b.js')],
    ['server/providers/a.ts', value('../domain/b.js')],
    ['server/domain/a.ts', value('../stores/b.js')],
    ['server/domain/a.ts', value('../providers/b.js')],
    ['server/domain/a.ts', "export { a } from '../stores/b.js'"],
    ['server/domain/a.ts', "import { type A } from '../stores/b.js'"],
    ['server/domain/a.ts', "await import('../stores/b.js')"],
    ['server/domain/a.ts', type('../routes/b.js')],
    ['server/routes/a.ts', value('../stores/b.js')],
    ['server/routes/a.ts', value('../providers/b.js')],
    ['server/routes/a.ts', value('../app.js')],
    ['server/routes/a.ts', type('../compose.js')],
    ['server/app.ts', value('./stores/b.js')],
    ['server/app.ts', value('./compose.js')],
    ['server/app.ts', value('./main.js')],
    ['server/compose.ts', value('./main.js')],
    ['server/main.ts', value('./stores/b.js')],
    ['server/main.ts', value('./providers/b.js')],
    ['server/main.ts', value('../scripts/b.js')],
    ['server/routes/a.ts', value('../../scripts/b.js')],
    ['server/domain/a.ts', value('../../test/support/b.js')],
    ['scripts/a.ts', value('../test/support/b.js')],
    ['scripts/a.ts', value('../snippet/b.js')],
    ['server/stray.ts', ''],
    ['server/main.ts', value('./stray.js')],
    ['server/lib/a.ts', value('../../dist/b.js')],
    ['server/lib/a.ts', 'await import(name)'],
  ])('forbid %s: %s', (file, source) => {
    expect(forbiddenImports(importsOf({ [file]: source }))).toHaveLength(1);
  });

  test('find a cycle, also through types and over three files', () => {
    const files = importsOf({
      'server/lib/a.ts': value('./b.js'),
      'server/lib/b.ts': type('./c.js'),
      'server/lib/c.ts': value('./a.js'),
      'server/lib/d.ts': value('./a.js'),
    });
    expect(importCycles(files)).toEqual([
      'server/lib/a.ts → server/lib/b.ts → server/lib/c.ts → server/lib/a.ts',
    ]);
  });

  test('find a file that imports itself', () => {
    expect(importCycles(importsOf({ 'server/lib/a.ts': value('./a.js') }))).toHaveLength(1);
  });

  test('call no diamond a cycle', () => {
    const files = importsOf({
      'server/lib/a.ts': `${value('./b.js')}; ${value('./c.js').replace('{ a }', '{ c }')}`,
      'server/lib/b.ts': value('./d.js'),
      'server/lib/c.ts': value('./d.js'),
      'server/lib/d.ts': 'export const a = 1',
    });
    expect(importCycles(files)).toEqual([]);
  });
});
