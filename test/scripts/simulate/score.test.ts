import { expect, it } from 'vitest';
import type { Outcome } from '../../../scripts/simulate/run.js';
import { calibrationError, score } from '../../../scripts/simulate/score.js';

const right = (confidence: number): Outcome => ({ truth: 'a', named: { visitor: 'a', confidence } });
const wrong = (confidence: number): Outcome => ({ truth: 'a', named: { visitor: 'b', confidence } });
const nobody: Outcome = { truth: 'a', named: { visitor: null, confidence: 0 } };
const untracked: Outcome = { truth: 'a', named: null };
const empty = { mean_confidence: 0, share_right: 0, count: 0 };

it('is of visits, of calls, and of calls to tracked numbers', () => {
  const calls = [right(1), right(0.8), right(0.5), wrong(0.85), wrong(0.45), nobody, nobody, untracked];
  const result = score({ visits: 20, blocked: 3, calls });
  expect(result).toEqual({
    visits: 20,
    blocked: 0.15,
    calls: 8,
    right: 0.375,
    wrong: 0.25,
    unknown: 0.375,
    tracked_calls: 7,
    // 0, 0.2², 0.5², 0.85², 0.45² and twice 0, by seven.
    brier: 0.173571,
    reliability: [
      { mean_confidence: 0, share_right: 0, count: 2 },
      empty,
      empty,
      empty,
      { mean_confidence: 0.45, share_right: 0, count: 1 },
      { mean_confidence: 0.5, share_right: 1, count: 1 },
      empty,
      empty,
      { mean_confidence: 0.825, share_right: 0.5, count: 2 },
      { mean_confidence: 1, share_right: 1, count: 1 },
    ],
    thresholds: { '0.5': { right: 0.375, wrong: 0.125 }, '0.8': { right: 0.25, wrong: 0.125 } },
  });
  // By seven: 0.45 and 0.5 once, 0.325 twice.
  expect(calibrationError(result)).toBeCloseTo((0.45 + 0.5 + 2 * 0.325) / 7, 6);
});

it('of nothing is nothing', () => {
  const result = score({ visits: 0, blocked: 0, calls: [] });
  expect(result).toMatchObject({ blocked: 0, calls: 0, right: 0, wrong: 0, unknown: 0, brier: 0 });
  expect(result.reliability).toEqual(Array.from({ length: 10 }, () => empty));
  expect(calibrationError(result)).toBe(0);
});

it('that means what it says is without calibration error; the last holder at 1 is off by what is wrong', () => {
  const fourOfFive = [right(0.8), right(0.8), right(0.8), right(0.8), wrong(0.8)];
  expect(calibrationError(score({ visits: 5, blocked: 0, calls: fourOfFive }))).toBeCloseTo(0, 9);
  const atOne = [right(1), right(1), right(1), right(1), wrong(1)];
  const result = score({ visits: 5, blocked: 0, calls: atOne });
  expect(calibrationError(result)).toBeCloseTo(0.2, 9);
  expect(result.brier).toBeCloseTo(0.2, 9);
});
