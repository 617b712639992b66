import { expect, test } from 'vitest';
import type { CallRecord } from '../../../scripts/faults/ledger.js';
import { lostCalls } from '../../../scripts/faults/verify.js';

const told: CallRecord = { id: 'a', to: '+12025550100', routedAfter: 5, started: true, ended: true };
const listed = { call_id: 'a', status: 'answered', tracking_phone_number: '+12025550100' };

test('a call that is there once, as it was told, is not lost', () => {
  expect(lostCalls([told], [listed])).toEqual([]);
});

test.each([
  ['is not there', []],
  ['is there twice', [listed, listed]],
  ['is there with another number', [{ ...listed, tracking_phone_number: '+12025550101' }]],
  ['goes on although its end was acknowledged', [{ ...listed, status: 'in_progress' }]],
])('a call that %s is lost', (_, calls) => {
  expect(lostCalls([told], calls)).toEqual(['a']);
});

test('what was not acknowledged may be missing, but not twice there', () => {
  expect(lostCalls([{ ...told, started: false, ended: false }], [])).toEqual([]);
  expect(lostCalls([{ ...told, ended: false }], [{ ...listed, status: 'in_progress' }])).toEqual([]);
  expect(lostCalls([{ ...told, started: false, ended: false }], [listed, listed])).toEqual(['a']);
});
