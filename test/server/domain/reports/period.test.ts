import { describe, expect, test } from 'vitest';
import { resolvePeriod } from '../../../../server/domain/reports/period.js';
import { Problem } from '../../../../server/lib/errors.js';

const NOW = new Date('2026-11-02T03:30:00Z');

function period(start: string | undefined, end: string | undefined, zone = 'UTC') {
  const { from, until, start_date, end_date } = resolvePeriod({ start, end, zone, now: NOW });
  return [from.toISOString(), until.toISOString(), start_date, end_date];
}

describe('a period', () => {
  test.each([
    // Whole days, the last one included.
    ['2026-10-01', '2026-10-31', 'UTC', '2026-10-01T00:00', '2026-11-01T00:00'],
    ['2026-10-25', '2026-10-25', 'Europe/Berlin', '2026-10-24T22:00', '2026-10-25T23:00'],
    ['2026-03-29', '2026-03-29', 'Europe/Berlin', '2026-03-28T23:00', '2026-03-29T22:00'],
    ['2026-11-01', '2026-11-01', 'America/New_York', '2026-11-01T04:00', '2026-11-02T05:00'],
  ])('of dates: %s to %s in %s', (start, end, zone, from, until) => {
    expect(period(start, end, zone)).toEqual([`${from}:00.000Z`, `${until}:00.000Z`, start, end]);
  });

  test.each([
    ['2026-10-01T10:00:00Z', '2026-10-01T11:00:00Z', '2026-10-01T10:00:00.000Z', '2026-10-01T11:00:00.000Z'],
    ['2026-10-01T10:00+02:00', '2026-10-01T10:00Z', '2026-10-01T08:00:00.000Z', '2026-10-01T10:00:00.000Z'],
    [
      '2026-10-01T10:00:00.250Z',
      '2026-10-01t10:00:01z',
      '2026-10-01T10:00:00.250Z',
      '2026-10-01T10:00:01.000Z',
    ],
    // A plus that was not escaped in the URL.
    [
      '2026-10-01T10:00:00 02:00',
      '2026-10-01T10:00Z',
      '2026-10-01T08:00:00.000Z',
      '2026-10-01T10:00:00.000Z',
    ],
  ])('of date-times is half-open: %s to %s', (start, end, from, until) => {
    expect(period(start, end)).toEqual([from, until, from, until]);
  });

  test('may begin with a date and end with a time', () => {
    expect(period('2026-10-01', '2026-10-02T12:00:00Z', 'Europe/Berlin')).toEqual([
      '2026-09-30T22:00:00.000Z',
      '2026-10-02T12:00:00.000Z',
      '2026-10-01',
      '2026-10-02T12:00:00.000Z',
    ]);
  });

  test('that nobody names is the last 30 days, today included, by the clocks of the zone', () => {
    expect(period(undefined, undefined)).toEqual([
      '2026-10-04T00:00:00.000Z',
      '2026-11-03T00:00:00.000Z',
      '2026-10-04',
      '2026-11-02',
    ]);
    // In New York it is still the first of November, and winter since that day.
    expect(period(undefined, undefined, 'America/New_York')).toEqual([
      '2026-10-03T04:00:00.000Z',
      '2026-11-02T05:00:00.000Z',
      '2026-10-03',
      '2026-11-01',
    ]);
  });

  test('with one end has the other from the default', () => {
    expect(period('2026-10-20', undefined)).toEqual([
      '2026-10-20T00:00:00.000Z',
      '2026-11-03T00:00:00.000Z',
      '2026-10-20',
      '2026-11-02',
    ]);
    expect(period(undefined, '2026-01-30')).toEqual([
      '2026-01-01T00:00:00.000Z',
      '2026-01-31T00:00:00.000Z',
      '2026-01-01',
      '2026-01-30',
    ]);
    expect(period(undefined, '2026-01-31T00:00:00Z').slice(0, 2)).toEqual([
      '2026-01-01T00:00:00.000Z',
      '2026-01-31T00:00:00.000Z',
    ]);
  });

  test.each([
    ['start_date', '2026-02-30', undefined],
    ['start_date', '2026-13-01', undefined],
    ['start_date', '20261001', undefined],
    ['start_date', 'yesterday', undefined],
    ['start_date', '', undefined],
    ['start_date', '2026-10-01T10:00:00', undefined],
    ['start_date', '2026-10-01T25:00:00Z', undefined],
    ['start_date', '2026-02-30T10:00:00Z', undefined],
    ['start_date', '0001-01-01', undefined],
    ['end_date', undefined, '9999-12-31'],
    ['end_date', '2026-10-01', '2026-10-32'],
    ['start_date', '2026-10-02', '2026-10-01'],
    ['start_date', '2026-10-01T10:00:00Z', '2026-10-01T10:00:00Z'],
    ['start_date', '2026-12-01', undefined],
    ['start_date', '2010-01-01', '2026-01-01'],
  ])('is refused by its %s: %s to %s', (field, start, end) => {
    const refusal = (() => {
      try {
        return period(start, end);
      } catch (error) {
        return error;
      }
    })();
    expect(refusal).toBeInstanceOf(Problem);
    expect(refusal).toMatchObject({ code: 'invalid_request', errors: [{ path: field }] });
  });

  test('may last ten years', () => {
    expect(period('2016-01-01', '2025-12-31').slice(2)).toEqual(['2016-01-01', '2025-12-31']);
  });
});
