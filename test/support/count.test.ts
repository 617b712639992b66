import { describe, expect, test } from 'vitest';
import { count, selectsByName } from '../../scripts/test/count.mjs';

const file = (status: string, ...statuses: string[]) => ({
  name: 'a.test.ts',
  status,
  message: 'it broke',
  assertionResults: statuses.map((one) => ({ status: one })),
});
const report = (...testResults: unknown[]) => ({ testResults });

describe('the last line of npm test', () => {
  test('counts what passed and what failed', () => {
    const counted = count(report(file('passed', 'passed', 'passed'), file('failed', 'passed', 'failed')), 1);
    expect(counted).toEqual({ passed: 3, failed: 1, remarks: [] });
  });

  test.each(['skipped', 'pending', 'todo', 'disabled'])(
    'counts a test that is %s as failed, and says so',
    (status) => {
      const counted = count(report(file('passed', 'passed', status)), 0);
      expect(counted).toMatchObject({ passed: 1, failed: 1, remarks: [expect.stringContaining('not run')] });
    },
  );

  test('counts a file that does not load as failed', () => {
    const counted = count(report(file('failed'), file('passed', 'passed')), 1);
    expect(counted).toMatchObject({ passed: 1, failed: 1, remarks: [expect.stringContaining('it broke')] });
  });

  test('counts tests whose beforeAll threw as failed', () => {
    expect(count(report(file('failed', 'skipped', 'skipped')), 1)).toMatchObject({ passed: 0 });
    expect(count(report(file('failed', 'skipped', 'skipped')), 1).failed).toBeGreaterThanOrEqual(2);
  });

  test('fails when no test ran', () => {
    expect(count(report(), 0)).toMatchObject({ passed: 0, failed: 1 });
  });

  test('fails when vitest left no report', () => {
    expect(count(null, 0)).toMatchObject({ passed: 0, failed: 1 });
  });

  test('fails when vitest ended with an error though all tests passed', () => {
    expect(count(report(file('passed', 'passed')), 1)).toMatchObject({ passed: 1, failed: 1 });
  });

  test('does not blame the tests that -t left out, but says how many', () => {
    const counted = count(report(file('passed', 'passed', 'skipped')), 0, selectsByName(['-t', 'name']));
    expect(counted).toMatchObject({
      passed: 1,
      failed: 0,
      remarks: [expect.stringContaining('left out by name')],
    });
  });
});
