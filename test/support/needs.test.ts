import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findChromium, findPostgres, findRedis } from '../../scripts/test/find.mjs';
import { type TempDir, tempDir } from './temp-dir.js';

describe('the search for programs', () => {
  let folder: TempDir;
  beforeEach(() => {
    folder = tempDir();
  });
  afterEach(() => folder.remove());

  function program(...path: string[]): string {
    const file = join(folder.path, ...path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, '#!/bin/sh\n');
    chmodSync(file, 0o755);
    return file;
  }

  test('finds nothing where nothing is', () => {
    const env = { PATH: folder.path };
    expect(findPostgres(env, folder.path)).toBe(null);
    expect(findRedis(env)).toBe(null);
  });

  test('takes the newest Postgres of Debian, by number', () => {
    for (const version of ['9', '15', '17']) program(version, 'bin', 'initdb');
    program('9', 'bin', 'postgres');
    program('15', 'bin', 'postgres');
    expect(findPostgres({ PATH: '' }, folder.path)).toBe(join(folder.path, '15', 'bin'));
  });

  test('takes the PATH before that', () => {
    program('15', 'bin', 'initdb');
    program('15', 'bin', 'postgres');
    program('mine', 'initdb');
    program('mine', 'postgres');
    const env = { PATH: join(folder.path, 'mine') };
    expect(findPostgres(env, folder.path)).toBe(join(folder.path, 'mine'));
  });

  test('takes no file that cannot be run', () => {
    const redis = program('redis-server');
    expect(findRedis({ PATH: folder.path })).toBe(redis);
    chmodSync(redis, 0o644);
    expect(findRedis({ PATH: folder.path })).toBe(null);
  });

  test('takes the Chromium that is named, and no other', () => {
    const named = program('named');
    const found = program('bin', 'chromium');
    const PATH = join(folder.path, 'bin');
    expect(findChromium({ PATH })).toBe(found);
    expect(findChromium({ PATH, CHROMIUM: named })).toBe(named);
    expect(findChromium({ PATH, CHROMIUM: join(folder.path, 'absent') })).toBe(null);
  });
});
