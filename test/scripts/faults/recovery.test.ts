import { expect, test } from 'vitest';
import { type Asked, secondsToRecover } from '../../../scripts/faults/recovery.js';

const view = (outcome: Asked['outcome'], askedAt: number, server = 0): Asked => ({
  server,
  outcome,
  askedAt,
  answeredAt: askedAt + 100,
});

test('lasts until the first lease that no failure follows', () => {
  const asked = [view('failed', 1_000), view('leased', 1_200), view('failed', 1_500), view('leased', 1_900)];
  expect(secondsToRecover(asked, 1_000, 1)).toBe(1);
});

test('lasts until the slowest server has recovered', () => {
  expect(secondsToRecover([view('leased', 1_000), view('leased', 3_000, 1)], 1_000, 2)).toBe(2.1);
});

test('does not count what was before', () => {
  expect(secondsToRecover([view('leased', 900), view('failed', 950), view('leased', 1_400)], 1_000, 1)).toBe(
    0.5,
  );
});

test('is not shown by a short pool, nor hindered', () => {
  expect(secondsToRecover([view('short', 1_000)], 1_000, 1)).toBeNull();
  expect(secondsToRecover([view('leased', 1_000), view('short', 1_500)], 1_000, 1)).toBe(0.1);
});

test.each([
  ['nothing was asked', []],
  ['all fails', [view('failed', 1_000)]],
  ['the last view fails', [view('leased', 1_000), view('failed', 2_000)]],
  ['one server was not asked', [view('leased', 1_000)]],
])('never comes when %s', (_, asked) => {
  expect(secondsToRecover(asked, 1_000, 2)).toBeNull();
});
