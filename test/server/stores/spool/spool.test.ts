import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../../../server/lib/ids.js';
import type { ProcessIdentity } from '../../../../server/lib/process-identity.js';
import { openSpool, type SpoolOptions } from '../../../../server/stores/spool/spool.js';
import type { Spool, SpooledEvent, SpoolState } from '../../../../server/stores/spool.js';
import { type TempDir, tempDir } from '../../../support/temp-dir.js';
import { until } from '../../routes/until.js';

let data: TempDir;
let troubles: { error: unknown; state: SpoolState }[];
/** Processes that run. */
let running: Set<number>;
let spools: Spool[];
beforeEach(() => {
  data = tempDir();
  troubles = [];
  running = new Set();
  spools = [];
});
afterEach(async () => {
  for (const spool of spools) await spool.close();
  data.remove();
});

const KB = 1024;
const folder = () => join(data.path, 'spool');
const files = () => readdirSync(folder()).filter((name) => name.endsWith('.spool'));

/** The spool of a process, which runs from now on. */
async function open(pid: number, given: Partial<SpoolOptions> = {}): Promise<Spool> {
  running.add(pid);
  const spool = await openSpool({
    folder: folder(),
    bytes: 64 * KB,
    memoryBytes: 64 * KB,
    owner: { pid, since: '1' },
    isRunning: async (owner: ProcessIdentity) => running.has(owner.pid),
    onTrouble: (error, state) => troubles.push({ error, state }),
    ...given,
  });
  spools.push(spool);
  return spool;
}

let times = 0;
const event = (callId: string, given: Partial<SpooledEvent> = {}): SpooledEvent => ({
  id: newId(),
  at: times++,
  provider: 'api',
  call: { provider: 'api', callId },
  siteId: null,
  newCallId: newId(),
  calledFor: null,
  event: { type: 'end' },
  body: { as: 'received' },
  ...given,
});

/** All that waits, in order; nothing waits then. */
function taken(spool: Spool): SpooledEvent[] {
  const all: SpooledEvent[] = [];
  for (let next = spool.next(); next; next = spool.next()) {
    all.push(next);
    spool.done(next);
  }
  return all;
}

describe('a spool', () => {
  it('gives events back in the order in which they came in, by call and by the id that the call will get', async () => {
    const spool = await open(1);
    const [a, b, c] = [event('x'), event('y'), event('x')];
    expect(await Promise.all([a, b, c].map(spool.add))).toEqual(['disk', 'disk', 'disk']);
    expect(spool.state()).toEqual({ waiting: 3, inMemory: 0, dropped: 0, refused: 0 });
    expect(spool.ofCall({ provider: 'api', callId: 'x' }, null)).toEqual([a, c]);
    expect(spool.ofCall({ provider: 'twilio', callId: 'x' }, null)).toEqual([]);
    expect(spool.ofNewCall(b.newCallId)).toEqual([b]);
    expect(taken(spool)).toEqual([a, b, c]);
    expect(spool.ofCall({ provider: 'api', callId: 'x' }, null)).toEqual([]);
    expect(spool.ofNewCall(b.newCallId)).toEqual([]);
    expect(troubles).toEqual([]);
  });

  it('tells the calls of two sites apart that have the same id', async () => {
    const spool = await open(1);
    const of = (siteId: string) => event('x', { calledFor: { siteId, trackerId: 't' } });
    const [one, two, unknown] = [of('one'), of('two'), event('x')];
    for (const one_ of [one, two, unknown]) await spool.add(one_);
    expect(spool.ofCall({ provider: 'api', callId: 'x' }, 'one')).toEqual([one, unknown]);
    expect(spool.ofCall({ provider: 'api', callId: 'x' }, null)).toEqual([one, two, unknown]);
  });

  it('takes its room at once, for itself alone to read, and uses it again when all is done', async () => {
    const spool = await open(1);
    const [file = ''] = files();
    const { size, blocks, mode } = statSync(join(folder(), file));
    expect(size).toBe(64 * KB);
    expect(blocks * 512).toBeGreaterThanOrEqual(64 * KB);
    expect(mode & 0o777).toBe(0o600);
    for (let round = 0; round < 5; round += 1) {
      const events = Array.from({ length: 100 }, () => event('x', { body: 'x'.repeat(200) }));
      expect(new Set(await Promise.all(events.map(spool.add)))).toEqual(new Set(['disk']));
      expect(taken(spool)).toEqual(events);
    }
    expect(files()).toEqual([file]);
    await spool.close();
    expect(readFileSync(join(folder(), file)).every((byte) => byte === 0)).toBe(true);
  });

  it('keeps what is being written when the last one before it is done', async () => {
    const spool = await open(1);
    const [before, after] = [event('x'), event('y')];
    await spool.add(before);
    const adding = spool.add(after);
    await new Promise(setImmediate);
    spool.done(before);
    expect(await adding).toBe('disk');
    running.delete(1);
    expect(taken(await open(2))).toContainEqual(after);
  });

  it('with what is set aside goes on, and keeps it for people', async () => {
    const spool = await open(1);
    const [bad, good] = [event('x'), event('y')];
    for (const one of [bad, good]) await spool.add(one);
    await spool.setAside(bad, 'not for us');
    expect(spool.state()).toMatchObject({ waiting: 1, refused: 1 });
    const path = join(folder(), 'refused.jsonl');
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ reason: 'not for us', ...bad });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(taken(spool)).toEqual([good]);
  });

  it('lets others go before one that is postponed, or cannot be set aside', async () => {
    const spool = await open(1);
    const [a, b, c] = [event('x'), event('y'), event('z')];
    for (const one of [a, b, c]) await spool.add(one);
    spool.postpone(a);
    expect(spool.next()).toEqual(b);
    const inTheWay = tempDir();
    cpSync(inTheWay.path, join(folder(), 'refused.jsonl'), { recursive: true });
    inTheWay.remove();
    await expect(spool.setAside(b, 'no')).rejects.toThrow('EISDIR');
    expect(taken(spool)).toEqual([c, a, b]);
  });
});

describe('a process that is gone', () => {
  it('leaves what it had to the next, which has one file all the same', async () => {
    const events = [event('x'), event('y')];
    for (const pid of [1, 2, 3]) {
      const spool = await open(pid);
      if (pid === 1) for (const one of events) await spool.add(one);
      expect(spool.state()).toMatchObject({ waiting: 2 });
      expect(files()).toHaveLength(1);
      expect(files()[0]).toMatch(new RegExp(`^${pid}\\.`));
      running.delete(pid);
    }
    const last = await open(4);
    await last.add(event('z'));
    expect(taken(last).slice(0, 2)).toEqual(events);
    running.delete(4);
    expect((await open(5)).state().waiting).toBe(0);
  });

  it('and another leave theirs in the order of the events; those of processes that run are let alone', async () => {
    const [one, two, runs] = [await open(1), await open(2), await open(3)];
    const events = Array.from({ length: 6 }, () => event('x'));
    for (const [at, each] of events.entries()) await (at % 2 ? one : two).add(each);
    await runs.add(event('y'));
    running.delete(1);
    running.delete(2);
    const next = await open(4);
    expect(taken(next)).toEqual(events);
    await until(files, (left) => left.length === 2);
    expect(taken(runs)).toHaveLength(1);
  });

  it('in the middle of a write leaves all that was whole', async () => {
    const first = await open(1);
    const events = [event('x'), event('y')];
    for (const one of events) await first.add(one);
    const [file = ''] = files();
    const path = join(folder(), file);
    const content = readFileSync(path);
    const end = content.lastIndexOf('}') + 1;
    content.copy(content, end, 0, 40);
    writeFileSync(path, content);
    running.delete(1);
    const next = await open(2);
    expect(troubles.map(({ error }) => String(error))).toEqual([expect.stringContaining('cut short')]);
    const later = event('z');
    await next.add(later);
    running.delete(2);
    expect(taken(await open(3))).toEqual([...events, later]);
  });

  it('only as it seemed: it writes again what it had not heard of, and nothing is lost', async () => {
    const first = await open(1);
    const before = event('x');
    await first.add(before);
    running.delete(1);
    const second = await open(2);
    expect(second.state().waiting).toBe(1);
    running.add(1);
    const after = event('y');
    // Its file is the other's now; the disk has a new one for it a moment later.
    await first.add(after);
    await until(first.state, ({ inMemory }) => inMemory === 0);
    expect(taken(second)).toEqual([before]);
    running.delete(1);
    expect(taken(await open(3))).toEqual([after]);
    expect(taken(first)).toEqual([before, after]);
  });
});

describe('a disk', () => {
  /** A file where the folder should be: nothing can be written. */
  const spoil = () => writeFileSync(folder(), '');

  it('that refuses is told of; events wait in memory, and are written when it takes them', async () => {
    spoil();
    const spool = await open(1);
    expect(troubles).toHaveLength(1);
    const events = [event('x'), event('y')];
    expect(await Promise.all(events.map(spool.add))).toEqual(['memory', 'memory']);
    expect(spool.state()).toMatchObject({ waiting: 2, inMemory: 2 });
    expect(troubles.at(-1)?.error).toMatchObject({ code: expect.stringMatching(/^E/) });
    rmSync(folder());
    await until(spool.state, ({ inMemory }) => inMemory === 0);
    expect(troubles.at(-1)).toEqual({
      error: null,
      state: expect.objectContaining({ waiting: 2, inMemory: 0 }),
    });
    running.delete(1);
    expect(taken(await open(2))).toEqual(events);
  });

  it('that has no room left for more: memory has, up to its bound, and what is past it is counted', async () => {
    const spool = await open(1, { bytes: 2 * KB, memoryBytes: 2 * KB });
    const big = () => event('x', { body: 'x'.repeat(500) });
    const events = Array.from({ length: 10 }, big);
    const kept: string[] = [];
    for (const one of events) kept.push(await spool.add(one));
    expect(kept).toEqual(['disk', 'disk', ...Array(2).fill('memory'), ...Array(6).fill('dropped')]);
    expect(spool.state()).toEqual({ waiting: 4, inMemory: 2, dropped: 6, refused: 0 });
    expect(troubles.at(-1)?.state).toMatchObject({ inMemory: 2, dropped: 6 });
    // When the first are done there is room, on disk and in memory.
    for (const one of events.slice(0, 2)) spool.done(one);
    await until(spool.state, ({ inMemory }) => inMemory === 0);
    expect(taken(spool)).toEqual(events.slice(2, 4));
  });

  it('that had less room for an earlier process: its file is emptied, and a whole one used', async () => {
    const first = await open(1, { bytes: 4 * KB });
    const one = event('x');
    await first.add(one);
    running.delete(1);
    const next = await open(2);
    expect(files()).toHaveLength(2);
    expect(taken(next)).toEqual([one]);
    await until(files, (left) => left.length === 1);
  });
});

it('nothing that was on disk is ever lost or out of order, whatever is added, done and crashes', async () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('add' as const), size: fc.nat(300) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('done' as const), size: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), size: fc.nat(200) }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      rmSync(folder(), { recursive: true, force: true });
      let pid = 100;
      let spool = await open(pid, { bytes: 8 * KB });
      const model: SpooledEvent[] = [];
      const done = new Set<string>();
      for (const { kind, size } of steps) {
        if (kind === 'add') {
          const batch = [event('x', { body: 'x'.repeat(size) }), event('y')];
          const kept = await Promise.all(batch.map(spool.add));
          model.push(...batch.filter((_, at) => kept[at] === 'disk'));
          // What the disk does not have is no promise.
          for (const [at, one] of batch.entries()) if (kept[at] !== 'disk') spool.done(one);
        } else if (kind === 'done') {
          for (const one of model.splice(0, size)) {
            expect(spool.next()).toEqual(one);
            spool.done(one);
            done.add(one.id);
          }
        } else {
          running.delete(pid);
          const [file] = files();
          if (file) {
            // The end of a write that nobody was told of.
            const content = readFileSync(join(folder(), file));
            const end = content.lastIndexOf('}') + 1;
            content.fill(0xff, end, Math.min(content.length, end + size));
            writeFileSync(join(folder(), file), content);
          }
          pid += 1;
          spool = await open(pid, { bytes: 8 * KB });
          // What was done may come again: the database knows it by its id.
          const again: SpooledEvent[] = [];
          for (let next = spool.next(); next && done.has(next.id); next = spool.next()) {
            spool.done(next);
            again.push(next);
          }
          expect(spool.state().waiting).toBe(model.length);
        }
      }
      expect(taken(spool)).toEqual(model);
      for (const one of spools.splice(0)) await one.close();
    }),
    { numRuns: 30 },
  );
});
