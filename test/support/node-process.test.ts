import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startNode } from './node-process.js';
import { type TempDir, tempDir } from './temp-dir.js';

let folder: TempDir;
beforeEach(() => {
  folder = tempDir();
});
afterEach(() => folder.remove());

/** Starts a script that goes on running, once it has said so. */
async function started(source: string) {
  const script = join(folder.path, 'script.mjs');
  writeFileSync(script, `${source}; setInterval(() => {}, 1000); console.log('started')`);
  const child = startNode(script, { MARK: 'mine' });
  await expect.poll(() => child.stdout(), { timeout: 10_000 }).toContain('started');
  return child;
}

test('stop lets a process end by itself', async () => {
  const child = await started(
    "process.on('SIGTERM', () => { console.log('bye ' + process.env.MARK); process.exit(0) })",
  );
  await child.stop();
  expect(child.stdout()).toContain('bye mine');
  expect(child.ended()).toBe(0);
});

test('stop throws with what was said when a process ends badly', async () => {
  const child = await started("process.on('SIGTERM', () => { console.error('oh no'); process.exit(3) })");
  await expect(child.stop()).rejects.toThrow(/ended with 3 instead of 0:\s+started\s+oh no/);
});

test('stop throws when a process had died already', async () => {
  const child = await started('setTimeout(() => { throw new Error("crashed") }, 100)');
  await child.exit;
  await expect(child.stop()).rejects.toThrow('crashed');
});

test('kill ends it at once, and stop is content with that', async () => {
  const child = await started("process.on('SIGTERM', () => {})");
  await child.kill();
  expect(child.ended()).toBe('SIGKILL');
  await child.stop();
});
