import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { resolvePeriod } from '../../../../server/domain/reports/period.js';
import { type Interval, stretchesOf } from '../../../../server/domain/reports/stretches.js';

const NOW = new Date('2026-11-02T03:30:00Z');

function stretches(start: string, end: string, interval: Interval, zone: string) {
  return stretchesOf(resolvePeriod({ start, end, zone, now: NOW }), interval, zone);
}
const keys = (...ask: Parameters<typeof stretches>) => stretches(...ask).map(({ key }) => key);
const starts = (...ask: Parameters<typeof stretches>) =>
  stretches(...ask).map(({ start }) => start.toISOString().slice(0, 16));

describe('hours', () => {
  test('that come twice are told apart', () => {
    const day = keys('2026-10-25', '2026-10-25', 'hour', 'Europe/Berlin');
    expect(day).toHaveLength(25);
    expect(day.slice(1, 5)).toEqual([
      '2026-10-25T01:00:00+02:00',
      '2026-10-25T02:00:00+02:00',
      '2026-10-25T02:00:00+01:00',
      '2026-10-25T03:00:00+01:00',
    ]);
  });

  test('that are skipped do not appear', () => {
    const day = keys('2026-03-08', '2026-03-08', 'hour', 'America/New_York');
    expect(day).toHaveLength(23);
    expect(day.slice(1, 3)).toEqual(['2026-03-08T01:00:00-05:00', '2026-03-08T03:00:00-04:00']);
  });

  test('begin where the clocks of the zone show a full one', () => {
    expect(starts('2026-10-01T10:10:00Z', '2026-10-01T12:00:00Z', 'hour', 'Asia/Kolkata')).toEqual([
      '2026-10-01T10:10',
      '2026-10-01T10:30',
      '2026-10-01T11:30',
    ]);
    expect(keys('2026-10-01T10:10:00Z', '2026-10-01T12:00:00Z', 'hour', 'Asia/Kolkata')).toEqual([
      '2026-10-01T15:00:00+05:30',
      '2026-10-01T16:00:00+05:30',
      '2026-10-01T17:00:00+05:30',
    ]);
  });

  test('are distinct where the clocks go back by half an hour', () => {
    const day = keys('2026-04-05', '2026-04-05', 'hour', 'Australia/Lord_Howe');
    expect(new Set(day).size).toBe(day.length);
    expect(day.slice(1, 4)).toEqual([
      '2026-04-05T01:00:00+11:00',
      '2026-04-05T01:00:00+10:30',
      '2026-04-05T02:00:00+10:30',
    ]);
  });

  test('are of a hundred days at most', () => {
    expect(keys('2026-07-20', '2026-10-27', 'hour', 'Europe/Berlin')).toHaveLength(2401);
    expect(() => keys('2026-07-20', '2026-10-28', 'hour', 'Europe/Berlin')).toThrow('100 days');
  });
});

describe('days', () => {
  test('have 23 and 25 hours where the clocks are set', () => {
    expect(starts('2026-10-24', '2026-10-26', 'day', 'Europe/Berlin')).toEqual([
      '2026-10-23T22:00',
      '2026-10-24T22:00',
      '2026-10-25T23:00',
    ]);
    expect(starts('2026-03-28', '2026-03-30', 'day', 'Europe/Berlin')).toEqual([
      '2026-03-27T23:00',
      '2026-03-28T23:00',
      '2026-03-29T22:00',
    ]);
    expect(keys('2026-10-24', '2026-10-26', 'day', 'Europe/Berlin')).toEqual([
      '2026-10-24',
      '2026-10-25',
      '2026-10-26',
    ]);
  });

  test('that a zone left out do not appear', () => {
    expect(keys('2011-12-29', '2012-01-01', 'day', 'Pacific/Apia')).toEqual([
      '2011-12-29',
      '2011-12-31',
      '2012-01-01',
    ]);
  });

  test('are cut to the period', () => {
    expect(stretches('2026-10-01T20:00:00Z', '2026-10-02T04:00:00Z', 'day', 'UTC')).toEqual([
      { key: '2026-10-01', start: new Date('2026-10-01T20:00:00Z') },
      { key: '2026-10-02', start: new Date('2026-10-02T00:00:00Z') },
    ]);
  });
});

describe('weeks and months', () => {
  test.each([
    ['2026-01-01', '2026-W01'],
    ['2025-12-29', '2026-W01'],
    ['2025-12-28', '2025-W52'],
    ['2021-01-03', '2020-W53'],
    ['2021-01-04', '2021-W01'],
    ['2024-12-30', '2025-W01'],
    ['2026-10-25', '2026-W43'],
    ['2026-10-26', '2026-W44'],
  ])('%s lies in %s', (day, week) => {
    expect(keys(day, day, 'week', 'Asia/Tokyo')).toEqual([week]);
  });

  test('begin on Mondays', () => {
    expect(starts('2026-10-21', '2026-11-03', 'week', 'Europe/Berlin')).toEqual([
      '2026-10-20T22:00',
      '2026-10-25T23:00',
      '2026-11-01T23:00',
    ]);
  });

  test('begin on the first', () => {
    expect(keys('2025-12-31', '2026-03-01', 'month', 'Asia/Tokyo')).toEqual([
      '2025-12',
      '2026-01',
      '2026-02',
      '2026-03',
    ]);
    expect(starts('2026-01-31', '2026-03-01', 'month', 'America/New_York')).toEqual([
      '2026-01-31T05:00',
      '2026-02-01T05:00',
      '2026-03-01T05:00',
    ]);
  });
});

test('every stretch begins after the one before, within the period, under a key of its own', () => {
  const zones = [
    'UTC',
    'Europe/Berlin',
    'America/St_Johns',
    'Australia/Lord_Howe',
    'Africa/Cairo',
    'Pacific/Apia',
  ];
  const day = fc.integer({ min: 0, max: 9_000 }).map((days) => Date.UTC(2005, 0, 1) + days * 86_400_000);
  const lasting = fc.integer({ min: 1, max: 90 * 1440 }).map((minutes) => minutes * 60_000);
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.constantFrom<Interval>('hour', 'day', 'week', 'month'),
      day,
      fc.integer({ min: 0, max: 1439 }),
      lasting,
      (zone, interval, at, minute, ms) => {
        const from = new Date(at + minute * 60_000);
        const until = new Date(from.getTime() + ms);
        const found = stretchesOf({ from, until }, interval, zone);
        expect(found[0]?.start).toEqual(from);
        expect(new Set(found.map(({ key }) => key)).size).toBe(found.length);
        const times = found.map(({ start }) => start.getTime());
        expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
        expect(times.at(-1)).toBeLessThan(until.getTime());
      },
    ),
    { numRuns: 300 },
  );
});
