import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TempDir {
  path: string;
  remove: () => void;
}

/** A new empty folder. */
export function tempDir(): TempDir {
  const path = mkdtempSync(join(tmpdir(), 'dni-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 10 }) };
}
