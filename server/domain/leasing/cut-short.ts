import { erlangB } from './erlang-b.js';

/** Logarithms of load^n / n!, for n from 0 to `most`. */
function logWeights(most: number, load: number): Float64Array {
  const logs = new Float64Array(most + 1);
  for (let n = 1; n <= most; n += 1) logs[n] = (logs[n - 1] as number) + Math.log(load / n);
  return logs;
}

/** exp(logs), scaled so that they add up to 1. */
function normalised(logs: Float64Array): Float64Array {
  const highest = logs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const weights = logs.map((log) => Math.exp(log - highest));
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / total);
}

/**
 * The share of arrivals that get a number only by cutting another's rest short: no number is free by the whole window,
 * but one is by the minimum. `kept`: Erlangs of those who cannot be cut short (visit and minimum window). `resting`:
 * Erlangs, of those who got a number, of the rest of their windows.
 *
 * A short pool takes the number whose last sign is oldest. So it holds the latest signs of all, and none is free
 * exactly when those kept and those who would be resting, had nobody been cut short, are at least as many as the
 * numbers. The kept are distributed as Erlang has it; the others, for whom there is always room, as Poisson.
 */
export function cutShortShare(numbers: number, { kept, resting }: { kept: number; resting: number }): number {
  if (numbers === 0 || resting <= 0) return 0;
  // Far from the mean there is nothing to add up.
  const mean = kept + resting;
  const far = 12 * Math.sqrt(mean) + 50;
  if (numbers > mean + far) return 0;
  if (numbers < mean - far) return 1 - erlangB(numbers, kept);
  const states = normalised(logWeights(numbers, kept));
  const fewer = logWeights(numbers, resting).map((log) => Math.exp(log - resting));
  let share = 0;
  // The chance that at least so many are resting as numbers are not kept.
  let atLeast = 1;
  for (let free = 1; free <= numbers; free += 1) {
    atLeast = Math.max(0, atLeast - (fewer[free - 1] as number));
    share += (states[numbers - free] as number) * atLeast;
  }
  return share;
}
