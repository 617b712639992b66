import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../scripts/simulate/random.js';
import type { LeaseFact } from '../../../../server/domain/attribution/facts.js';
import { type Exposure, type KnownCall, learn } from '../../../../server/domain/attribution/learn.js';
import { readFacts, readModel } from '../../../../server/domain/attribution/stored-facts.js';
import {
  afterRate,
  DELAYS,
  meanAfterRate,
  openRate,
  PRIOR,
  TAP_DELAYS,
  type TimeModel,
} from '../../../../server/domain/attribution/time-model.js';

function learned(calls: KnownCall[], exposure: Exposure): TimeModel {
  const rounds = learn(calls, exposure);
  let step = rounds.next();
  while (!step.done) step = rounds.next();
  return { version: 1, ...step.value };
}
const lease = (visitor_id: string, given: Partial<LeaseFact>): LeaseFact => ({
  lease_id: visitor_id,
  visitor_id,
  session_id: null,
  shown_for: 9e5,
  silent_for: 9e5,
  page_open: false,
  tapped_for: null,
  country: null,
  ...given,
});
const known = (leases: LeaseFact[], code: string | null = null): KnownCall => ({
  leases,
  older: [],
  code: code === null ? null : { visitor_id: code, session_id: null },
});
const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
/** Calls to be expected of a lease after its last sign, from then until so many seconds. */
const until = (model: Pick<TimeModel, 'after'>, seconds: number) =>
  sum(model.after.map((calls, at) => calls * (1 - Math.exp(-seconds / (DELAYS[at] as number)))));

describe('learning', () => {
  // Nobody like the prior's: twice as many call, nearly none at once, most of them after an hour.
  const truth: TimeModel = {
    version: 0,
    open: 4e-4,
    after: [0, 0.002, 0.004, 0.01, 0.06, 0.02, 0.004, 0, 0],
    tap: [0.1, 0.05, 0.3],
    stray: 2e-6,
  };

  it('finds a model again from calls whose callers are not known', () => {
    const random = seededRandom(11);
    const [numbers, days, gap] = [10, 25, 400];
    const calls: KnownCall[] = [];
    const exposure: Exposure = { open_seconds: 0, leases: DELAYS.map(() => 0), taps: 0, number_seconds: 0 };
    for (let number = 0; number < numbers; number += 1) {
      const end = days * 86_400;
      const past: { id: string; shown: number; seen: number; tap: number | null }[] = [];
      const times: number[] = [];
      for (let t = 0, at = 0; t < end; t += gap + random.exponential(gap * 4), at += 1) {
        const seen = t + 12 + random.exponential(150);
        const tap = random.chance(0.1) ? seen : null;
        past.push({ id: `${number}-${at}`, shown: t, seen, tap });
        // As independent Poisson processes; who called twice counts twice.
        const happens = (rate: number, delay: () => number) => {
          if (random.chance(rate)) times.push(delay());
        };
        happens(1 - Math.exp(-truth.open * (seen - t - 12)), () => random.between(t + 12, seen));
        for (const [kind, mean] of DELAYS.entries())
          happens(truth.after[kind] as number, () => seen + random.exponential(mean));
        if (tap !== null)
          for (const [kind, mean] of TAP_DELAYS.entries())
            happens(truth.tap[kind] as number, () => tap + random.exponential(mean));
        exposure.open_seconds += seen - t - 12;
        exposure.leases = exposure.leases.map(
          (count, kind) => count + 1 - Math.exp(-Math.max(0, end - seen) / (DELAYS[kind] as number)),
        );
        exposure.taps += tap === null ? 0 : 1;
        t = seen;
      }
      for (let t = random.exponential(1 / truth.stray); t < end; t += random.exponential(1 / truth.stray))
        times.push(t);
      exposure.number_seconds += end;
      for (const t of times) {
        if (t >= end) continue;
        const leases = past
          .filter(({ shown }) => shown <= t)
          .slice(-50)
          .map(({ id, shown, seen, tap }) =>
            lease(id, {
              shown_for: t - shown,
              silent_for: Math.max(0, t - seen),
              page_open: seen > t,
              tapped_for: tap !== null && tap <= t && t - tap < 300 ? t - tap : null,
            }),
          );
        calls.push(known(leases));
      }
    }
    expect(calls.length).toBeGreaterThan(500);
    const model = learned(calls, exposure);
    const within = (value: number, expected: number, part: number) => {
      expect(value).toBeGreaterThan(expected * (1 - part));
      expect(value).toBeLessThan(expected * (1 + part));
    };
    within(model.open, truth.open, 0.3);
    within(sum(model.tap), sum(truth.tap), 0.3);
    within(sum(model.after), sum(truth.after), 0.25);
    within(until(model, 3 * 3600), until(truth, 3 * 3600), 0.25);
    within(until(model, 900), until(truth, 900), 0.5);
    // What was far off to begin with.
    expect(sum(PRIOR.after)).toBeLessThan(sum(truth.after) / 2);
    expect(sum(PRIOR.tap)).toBeGreaterThan(sum(truth.tap) * 1.3);
    // Strays are not asked for: on a busy number they look like calls of days later.
  });

  it('without calls or anything to call from stays at the prior; with few calls, near it', () => {
    const nothing: Exposure = { open_seconds: 0, leases: DELAYS.map(() => 0), taps: 0, number_seconds: 0 };
    const same = learned([], nothing);
    for (const [at, calls] of same.after.entries()) expect(calls).toBeCloseTo(PRIOR.after[at] as number, 12);
    expect(same.stray).toBeCloseTo(PRIOR.stray, 15);
    // One call by one of twenty who were shown a number, as the prior expects.
    const few = { ...nothing, leases: DELAYS.map(() => 20), number_seconds: 86_400 };
    const near = learned([known([lease('a', { shown_for: 700, silent_for: 600 })])], few);
    expect(sum(near.after) / sum(PRIOR.after)).toBeGreaterThan(0.8);
    expect(sum(near.after) / sum(PRIOR.after)).toBeLessThan(1.25);
  });

  it('takes a code’s word for whose call it was', () => {
    const leases = [lease('quick', { shown_for: 60, silent_for: 30 }), lease('slow', { silent_for: 80_000 })];
    const exposure = { open_seconds: 0, leases: DELAYS.map(() => 400), taps: 0, number_seconds: 86_400 };
    const calls = (code: string | null) => Array.from({ length: 40 }, () => known(leases, code));
    const [told, guessed] = [learned(calls('slow'), exposure), learned(calls(null), exposure)];
    expect(until(told, 600)).toBeLessThan(until(guessed, 600) / 2);
    expect(sum(told.after) - until(told, 7200)).toBeGreaterThan(
      2 * (sum(guessed.after) - until(guessed, 7200)),
    );
    // One of whom nothing is known that could have made the call teaches nothing.
    expect(learned(calls('stranger'), exposure)).toEqual(learned([], exposure));
  });

  it('always ends with rates that never grow with silence, and expects more of who is there', () => {
    const age = fc.double({ min: 0, max: 30 * 86_400, noNaN: true });
    const anyLease = fc
      .tuple(fc.nat(5), age, fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean(), fc.boolean())
      .map(([who, shown_for, part, page_open, tapped]) =>
        lease(String(who), {
          shown_for,
          silent_for: shown_for * part,
          page_open,
          tapped_for: tapped ? Math.min(299, shown_for) : null,
        }),
      );
    const count = fc.double({ min: 0, max: 1e7, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.array(anyLease, { maxLength: 6 }), fc.option(fc.nat(5), { nil: null })), {
          maxLength: 12,
        }),
        fc.record({
          open_seconds: count,
          leases: fc.array(count, { minLength: DELAYS.length, maxLength: DELAYS.length }),
          taps: count,
          number_seconds: count,
        }),
        (some, exposure) => {
          const model = learned(
            some.map(([leases, code]) => known(leases, code === null ? null : String(code))),
            exposure,
          );
          const ages = [0, 1, 30, 90, 91, 600, 3600, 86_400, 86_400 * 20];
          const rates = ages.map((silent) => afterRate(model, silent));
          expect(rates).toEqual([...rates].sort((a, b) => b - a));
          expect(openRate(model)).toBeGreaterThanOrEqual(afterRate(model, 91));
          for (const [at, from] of ages.entries()) {
            const mean = meanAfterRate(model, from, ages[at + 1] ?? 1e9);
            expect(mean).toBeLessThanOrEqual((rates[at] as number) * (1 + 1e-9));
            expect(mean).toBeGreaterThanOrEqual((rates[at + 1] ?? 0) * (1 - 1e-9));
          }
          const all = [model.open, ...model.after, ...model.tap, model.stray];
          expect(all.every((rate) => Number.isFinite(rate) && rate >= 0)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('what was stored', () => {
  it('is read as it is; a model in other terms is as good as none', () => {
    const model: TimeModel = { ...PRIOR, version: 7, open: 0.5 };
    expect(readModel(JSON.parse(JSON.stringify(model)))).toEqual(model);
    for (const other of [
      null,
      {},
      { version: 1, rate: 3 },
      { ...model, after: PRIOR.after.slice(1) },
      { ...model, after: [...PRIOR.after, 1] },
      { ...model, tap: PRIOR.tap[0] },
      { ...model, tap: TAP_DELAYS.map(String) },
      { ...model, open: undefined },
      { ...model, stray: null },
    ]) {
      expect(readModel(other)).toEqual(PRIOR);
    }
  });

  it('by the first rules knows nothing of what they did not ask', () => {
    const { lease_id, visitor_id, session_id, shown_for, silent_for } = lease('a', {});
    const first = {
      started_at: '2026-01-05T12:00:00.000Z',
      tracker: { type: 'session', source: null, medium: null, campaign: null },
      leases: [{ lease_id, visitor_id, session_id, shown_for, silent_for }],
      code: null,
      redial: { visitor_id, session_id, call_id: 'c', confidence: 0.5 },
    };
    expect(readFacts(first)).toEqual({
      ...first,
      leases: [lease('a', {})],
      older: [],
      redial: { ...first.redial, same_number: true, others: [] },
      caller_country: null,
      model: PRIOR,
    });
  });
});
