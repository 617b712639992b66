import { describe, expect, it } from 'vitest';
import { type DELAYS, makeWorkload } from '../../../scripts/simulate/make-workload.js';
import { createRule } from '../../../scripts/simulate/rule.js';
import { run } from '../../../scripts/simulate/run.js';
import { calibrationError, score } from '../../../scripts/simulate/score.js';
import type { WorkloadEvent } from '../../../scripts/simulate/workload.js';
import type { PoolSettings, World } from '../../../scripts/simulate/world.js';

const pool: PoolSettings = { numbers: 2, reservation: 1800, minReservation: 300, join: 'last' };
const visit = (visitor: string, t: number, until: number): WorkloadEvent => ({
  t,
  type: 'visit',
  visitor,
  until,
});
const call = (visitor: string, t: number, from: string | null = null): WorkloadEvent => ({
  t,
  type: 'call',
  visitor,
  from,
});

/** A world that shows each visitor what it is told, and writes down what it is asked. */
function noting(shown: Record<string, (string | null)[]>): { world: World; notes: string[] } {
  const notes: string[] = [];
  const note = (text: string) => {
    notes.push(text);
  };
  return {
    notes,
    world: {
      async view({ visitor, t }) {
        note(`${t} view ${visitor}`);
        return shown[visitor]?.shift() ?? null;
      },
      renew: async (visitor, t) => note(`${t} renew ${visitor}`),
      leave: async (visitor, t) => note(`${t} leave ${visitor}`),
      tap: async (visitor, number, t) => note(`${t} tap ${visitor} ${number}`),
      async call({ number, from, t }) {
        note(`${t} call ${number} ${from}`);
        return { visitor: 'a', confidence: 1 };
      },
      learn: async (t) => note(`${t} learn`),
      close: async () => {},
    },
  };
}

describe('a run', () => {
  it('renews while a page is seen, leaves at its end, and goes by time', async () => {
    const { world, notes } = noting({ a: ['1'], b: ['2'] });
    const events: WorkloadEvent[] = [
      visit('a', 0, 130),
      visit('b', 30, 100),
      { t: 120, type: 'tap', visitor: 'a' },
      call('a', 140),
    ];
    await run(events, world);
    expect(notes).toEqual([
      '0 view a',
      '30 view b',
      '60 renew a',
      '90 renew b',
      '100 leave b',
      '120 renew a',
      '120 tap a 1',
      '130 leave a',
      '140 call 1 null',
    ]);
  });

  it('calls the number that was shown last; who was shown none calls the page’s own, which is unknown', async () => {
    const { world, notes } = noting({ a: ['1', '2'], b: ['3', null] });
    const events = [
      visit('a', 0, 1),
      call('a', 2, '+1'),
      visit('a', 3, 4),
      visit('b', 5, 6),
      call('a', 7),
      visit('b', 8, 9),
      call('b', 10, '+2'),
      { t: 11, type: 'tap', visitor: 'b' } as const,
      call('stranger', 12),
    ];
    const outcomes = await run(events, world);
    expect(notes.filter((note) => /call|tap/.test(note))).toEqual(['2 call 1 +1', '7 call 2 null']);
    expect(outcomes).toEqual({
      visits: 4,
      blocked: 1,
      calls: [
        { truth: 'a', named: { visitor: 'a', confidence: 1 } },
        { truth: 'a', named: { visitor: 'a', confidence: 1 } },
        { truth: 'b', named: null },
        { truth: 'stranger', named: null },
      ],
    });
    expect(score(outcomes)).toMatchObject({ blocked: 0.25, right: 0.5, unknown: 0.5, tracked_calls: 2 });
  });

  it('learns once a day, before what happens then', async () => {
    const { world, notes } = noting({});
    await run([visit('a', 86_399, 86_399), visit('b', 86_400, 86_400), visit('c', 300_000, 300_000)], world);
    expect(notes).toEqual([
      '86399 view a',
      '86400 learn',
      '86400 view b',
      '172800 learn',
      '259200 learn',
      '300000 view c',
    ]);
  });
});

describe.each(['lru', 'random'] as const)('the rule of others (%s)', (policy) => {
  it('keeps a number for the reservation, takes it after the minimum when short, blocks while all are held', async () => {
    const world = createRule(policy, pool, 1);
    const shown = async (visitor: string, t: number) =>
      world.view({ t, type: 'visit', visitor, until: t + 10 });
    const [a, b] = [await shown('a', 0), await shown('b', 1)];
    expect(new Set([a, b])).toEqual(new Set(['0', '1']));
    expect(await shown('c', 299)).toBeNull();
    expect(await shown('a', 290)).toBe(a);
    expect(await shown('c', 302)).toBe(b);
    expect(await world.call({ number: b as string, from: null, t: 303 })).toEqual({
      visitor: 'c',
      confidence: 1,
    });
    // It rests for the minimum after the last sign of who has it, and a visitor who is back is given any.
    expect(await shown('b', 303)).toBeNull();
    expect(await shown('b', 591)).toBe(a);
  });
});

const made = (seed: number) =>
  makeWorkload({ seed, days: 2, visitsPerHour: 20, callers: 0.2, delays: 'mixed' });

it('the same seed gives the same result, another one another', async () => {
  const result = async (policy: 'lru' | 'random', seed: number) =>
    score(await run(made(7), createRule(policy, { ...pool, numbers: 10, join: 'product' }, seed)));
  expect(await result('random', 1)).toEqual(await result('random', 1));
  expect(await result('random', 2)).not.toEqual(await result('random', 1));
  expect(await result('lru', 2)).toEqual(await result('lru', 1));
});

describe('confidence means what it says where callers wait otherwise than the prior has it', () => {
  it.each<keyof typeof DELAYS>(['lognormal', 'split', 'weibull'])(
    '%s',
    async (delays) => {
      const workload = makeWorkload({ seed: 3, days: 10.5, visitsPerHour: 60, callers: 0.3, delays });
      const settings = { ...pool, numbers: 20 };
      const said = score(await run(workload, createRule('lru', { ...settings, join: 'product' }, 1)));
      const last = score(await run(workload, createRule('lru', settings, 1)));
      expect(said.tracked_calls).toBeGreaterThanOrEqual(5_000);
      expect(calibrationError(said)).toBeLessThanOrEqual(0.05);
      expect(said.brier).toBeLessThan(last.brier);
    },
    180_000,
  );
});
