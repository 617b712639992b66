import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataDirInUse, lockDataDir } from '../../../server/lib/data-dir.js';
import { type LockHolder, startLockHolder } from '../../support/lock-holder.js';
import { type TempDir, tempDir } from '../../support/temp-dir.js';

let folder: TempDir;
let holders: LockHolder[];

beforeEach(() => {
  folder = tempDir();
  holders = [];
});
afterEach(async () => {
  for (const holder of holders) await holder.kill();
  folder.remove();
});

async function processes(count: number): Promise<LockHolder[]> {
  holders = await Promise.all(Array.from({ length: count }, startLockHolder));
  return holders;
}

describe('a data folder', () => {
  it('is made where it is not there, for this user only, and given back', async () => {
    const path = join(folder.path, 'deep', 'data');
    const release = await lockDataDir(path);
    expect(readdirSync(path)).toEqual(['lock']);
    expect(readFileSync(join(path, 'lock'), 'utf8')).toMatch(new RegExp(`^${process.pid} `));
    await release();
    expect(readdirSync(path)).toEqual([]);
    await (await lockDataDir(path))();
  });

  it('is refused while another process that lives has it', async () => {
    const [one, other] = (await processes(2)) as [LockHolder, LockHolder];
    expect(await one.lock(folder.path)).toBe('locked');
    expect(await other.lock(folder.path)).toBe('in use');
    await expect(lockDataDir(folder.path)).rejects.toThrow(new RegExp(`in use by process ${one.pid}`));
    await one.release();
    expect(await other.lock(folder.path)).toBe('locked');
  });

  it('is refused to the process that has it already', async () => {
    const release = await lockDataDir(folder.path);
    await expect(lockDataDir(folder.path)).rejects.toThrow(DataDirInUse);
    await release();
  });

  it('is taken over from a process that was killed', async () => {
    const [one, other] = (await processes(2)) as [LockHolder, LockHolder];
    expect(await one.lock(folder.path)).toBe('locked');
    await one.kill();
    expect(existsSync(join(folder.path, 'lock'))).toBe(true);
    expect(await other.lock(folder.path)).toBe('locked');
  });

  it('is taken over where the number of the process that was killed belongs to another now', async () => {
    writeFileSync(join(folder.path, 'lock'), `${process.pid} 1\n`);
    const release = await lockDataDir(folder.path);
    await release();
  });

  it.each(['', '\n', 'not a lock', '0 1\n', '-1 1\n'])(
    'is taken over where the lock says %j',
    async (content) => {
      writeFileSync(join(folder.path, 'lock'), content);
      await (await lockDataDir(folder.path))();
    },
  );

  it('with a lock left behind goes to one of two processes that race for it', async () => {
    const [one, other] = (await processes(2)) as [LockHolder, LockHolder];
    for (let round = 0; round < 40; round += 1) {
      writeFileSync(join(folder.path, 'lock'), '0 1\n');
      const said = await Promise.all([one.lock(folder.path), other.lock(folder.path)]);
      expect([...said].sort()).toEqual(['in use', 'locked']);
      expect(readdirSync(folder.path)).toEqual(['lock']);
      const winner = said[0] === 'locked' ? one : other;
      expect(readFileSync(join(folder.path, 'lock'), 'utf8')).toMatch(new RegExp(`^${winner.pid} `));
      await winner.release();
    }
  });

  it('without a lock goes to one of two processes that race for it', async () => {
    const [one, other] = (await processes(2)) as [LockHolder, LockHolder];
    for (let round = 0; round < 40; round += 1) {
      const said = await Promise.all([one.lock(folder.path), other.lock(folder.path)]);
      expect([...said].sort()).toEqual(['in use', 'locked']);
      await (said[0] === 'locked' ? one : other).release();
    }
  });
});
