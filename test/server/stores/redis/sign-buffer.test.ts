import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LeaseSign } from '../../../../server/stores/lease-history.js';
import { createSignBuffer, type SignBuffer } from '../../../../server/stores/redis/sign-buffer.js';

class Away extends Error {}

/** A history that takes signs, or fails as it is told. */
function fakeHistory() {
  const batches: LeaseSign[][] = [];
  const ended = new Set<string>();
  let fail: (signs: LeaseSign[]) => Error | null = () => null;
  return {
    batches,
    /** Leases that have ended. */
    ended,
    written: () => batches.flat().map((sign) => sign.leaseId),
    failWhen: (given: typeof fail) => {
      fail = given;
    },
    async writeSigns(signs: LeaseSign[]) {
      const failure = fail(signs);
      if (failure) throw failure;
      batches.push(signs);
      return new Set(signs.map((sign) => sign.leaseId).filter((leaseId) => !ended.has(leaseId)));
    },
  };
}

const sign = (leaseId: string, left = false) => ({
  leaseId,
  left,
  ownSeconds: 1800,
  minSeconds: 300,
  trackerId: 'tracker',
  number: `number of ${leaseId}`,
  visitorId: `visitor of ${leaseId}`,
});

let history: ReturnType<typeof fakeHistory>;
let errors: unknown[];
let refused: string[];
let refusal: Error | null;
let buffer: SignBuffer;

beforeEach(() => {
  vi.useFakeTimers();
  history = fakeHistory();
  errors = [];
  refused = [];
  refusal = null;
  buffer = createSignBuffer(history, {
    isAway: (error) => error instanceof Away,
    onError: (error) => errors.push(error),
    onRefused: async ({ leaseId }) => {
      refused.push(leaseId);
      if (refusal) throw refusal;
    },
  });
});
afterEach(async () => {
  history.failWhen(() => null);
  await buffer.close();
  vi.useRealTimers();
});

describe('signs on their way to the lease history', () => {
  it('are written within a second, with their age', async () => {
    await vi.advanceTimersByTimeAsync(400);
    buffer.add(sign('a'));
    await vi.advanceTimersByTimeAsync(999);
    expect(history.batches).toEqual([[{ ...sign('a'), ageMs: 100, mustBeLive: false }]]);
  });

  it('are written once', async () => {
    buffer.add(sign('a'));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(history.written()).toEqual(['a']);
  });

  it('are one a lease, the latest', async () => {
    for (let at = 0; at < 100; at += 1) buffer.add(sign('a', at === 99));
    await buffer.flush();
    expect(history.batches).toEqual([[{ ...sign('a', true), ageMs: 0, mustBeLive: false }]]);
  });

  it('are in the order of the leases, in batches of at most a thousand', async () => {
    const ids = Array.from({ length: 2_500 }, (_, at) => String(at).padStart(5, '0'));
    for (const id of [...ids].reverse()) buffer.add(sign(id));
    await buffer.flush();
    expect(history.batches.map((batch) => batch.length)).toEqual([1000, 1000, 500]);
    expect(history.written()).toEqual(ids);
  });

  it('are written before the buffer is closed', async () => {
    buffer.add(sign('a'));
    await buffer.close();
    expect(history.written()).toEqual(['a']);
  });
});

describe('while the history is away', () => {
  it('signs wait, are kept once, and are written when it is back', async () => {
    history.failWhen(() => new Away());
    buffer.add(sign('a'));
    buffer.add(sign('b'));
    await vi.advanceTimersByTimeAsync(3_000);
    expect(history.written()).toEqual([]);
    expect(errors.length).toBeGreaterThan(0);
    history.failWhen(() => null);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(history.written()).toEqual(['a', 'b']);
    expect(history.batches[0]?.[0]?.ageMs).toBeGreaterThanOrEqual(3_000);
  });

  it('a newer sign is not replaced by the one put back', async () => {
    history.failWhen(() => {
      buffer.add(sign('a', true));
      return new Away();
    });
    buffer.add(sign('a'));
    await expect(buffer.flush()).rejects.toThrow(Away);
    history.failWhen(() => null);
    await buffer.flush();
    expect(history.batches).toEqual([[expect.objectContaining({ leaseId: 'a', left: true })]]);
  });

  it('whoever flushes is told', async () => {
    history.failWhen(() => new Away());
    buffer.add(sign('a'));
    await expect(buffer.flush()).rejects.toThrow(Away);
  });

  it('nothing is lost where it goes away between two batches', async () => {
    const ids = Array.from({ length: 2_500 }, (_, at) => String(at).padStart(5, '0'));
    for (const id of ids) buffer.add(sign(id));
    history.failWhen(() => (history.batches.length === 1 ? new Away() : null));
    await expect(buffer.flush()).rejects.toThrow(Away);
    history.failWhen(() => null);
    await buffer.flush();
    expect(history.written().sort()).toEqual(ids);
  });
});

describe('a batch that fails', () => {
  const failOn = (bad: string) => (signs: LeaseSign[]) =>
    signs.some((one) => one.leaseId === bad) ? new Error(`bad row ${bad}`) : null;

  it('is written row by row, so that one bad row is lost alone', async () => {
    history.failWhen(failOn('b'));
    for (const id of ['a', 'b', 'c']) buffer.add(sign(id));
    await buffer.flush();
    expect(history.written()).toEqual(['a', 'c']);
    expect(errors).toEqual([new Error('bad row b')]);
  });

  it('loses nothing where the history goes away in the middle of its rows', async () => {
    history.failWhen((signs) => {
      if (signs.length > 1) return new Error('bad batch');
      return signs[0]?.leaseId === 'b' ? new Away() : null;
    });
    for (const id of ['a', 'b', 'c', 'd']) buffer.add(sign(id));
    await expect(buffer.flush()).rejects.toThrow(Away);
    history.failWhen(() => null);
    await buffer.flush();
    expect(history.written().sort()).toEqual(['a', 'b', 'c', 'd']);
  });
});

describe('a sign that the history does not take', () => {
  it('is told, once it was taken by Redis', async () => {
    history.ended.add('b');
    for (const id of ['a', 'b', 'c']) buffer.add(sign(id));
    await buffer.flush();
    expect(refused).toEqual(['b']);
  });

  it('is told of a batch that is written row by row', async () => {
    history.ended.add('b');
    history.failWhen((signs) => (signs.length > 1 ? new Error('bad batch') : null));
    for (const id of ['a', 'b', 'c']) buffer.add(sign(id));
    await buffer.flush();
    expect(refused).toEqual(['b']);
  });

  it('does not keep the others from being written where nobody can be told', async () => {
    history.ended.add('a');
    refusal = new Error('Redis is away');
    buffer.add(sign('a'));
    await buffer.flush();
    expect(errors).toEqual([refusal]);
    buffer.add(sign('b'));
    await buffer.flush();
    expect(history.written()).toEqual(['a', 'b']);
  });
});

describe('a sign that the history is asked about', () => {
  it('is written at once, with others, and only where the lease is live', async () => {
    history.ended.add('b');
    const answers = Promise.all(['a', 'b'].map((id) => buffer.ask(sign(id))));
    await vi.advanceTimersByTimeAsync(0);
    expect(await answers).toEqual([true, false]);
    expect(history.batches).toEqual([
      [expect.objectContaining({ mustBeLive: true }), expect.objectContaining({ mustBeLive: true })],
    ]);
    expect(refused).toEqual([]);
  });

  it('fails where the history is away, and is not written later', async () => {
    history.failWhen(() => new Away());
    const answer = expect(buffer.ask(sign('a'))).rejects.toThrow(Away);
    await vi.advanceTimersByTimeAsync(0);
    await answer;
    history.failWhen(() => null);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(history.written()).toEqual([]);
  });
});
