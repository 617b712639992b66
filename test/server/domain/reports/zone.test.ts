import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  DAY_MS,
  HOUR_MS,
  instantOf,
  isTimeZone,
  offsetAt,
  wallTime,
} from '../../../../server/domain/reports/zone.js';

const iso = (instant: number) => new Date(instant).toISOString().slice(0, 16);
const wall = (text: string) => Date.parse(`${text}:00Z`);

describe('a time zone', () => {
  test.each(['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Etc/GMT+5', 'EST'])(
    'is %s',
    (zone) => {
      expect(isTimeZone(zone)).toBe(true);
    },
  );

  test.each(['', 'Berlin', 'Europe/Atlantis', '+02:00', '02:00', 'Europe/Berlin\0', '__proto__', '../UTC'])(
    'is not %j',
    (zone) => {
      expect(isTimeZone(zone)).toBe(false);
    },
  );
});

describe('the instant of a wall time', () => {
  test.each([
    ['UTC', '2026-10-25T00:00', '2026-10-25T00:00'],
    ['Europe/Berlin', '2026-07-01T00:00', '2026-06-30T22:00'],
    ['Europe/Berlin', '2026-12-01T00:00', '2026-11-30T23:00'],
    // Twice: the first.
    ['Europe/Berlin', '2026-10-25T02:30', '2026-10-25T00:30'],
    // Skipped: when it is over.
    ['Europe/Berlin', '2026-03-29T02:30', '2026-03-29T01:00'],
    ['America/New_York', '2026-11-01T01:30', '2026-11-01T05:30'],
    ['Asia/Kolkata', '2026-01-01T00:00', '2025-12-31T18:30'],
    ['Asia/Kathmandu', '2026-01-01T00:00', '2025-12-31T18:15'],
    ['Australia/Lord_Howe', '2026-10-04T02:15', '2026-10-03T15:30'],
    // Midnight itself is skipped: the day begins at one.
    ['Africa/Cairo', '2026-04-24T00:00', '2026-04-23T22:00'],
    // Midnight comes twice.
    ['America/Havana', '2026-11-01T00:00', '2026-11-01T04:00'],
    // At midnight it is eleven again: the day begins an hour later.
    ['America/Asuncion', '2023-03-26T00:00', '2023-03-26T04:00'],
    // A day that never was.
    ['Pacific/Apia', '2011-12-30T00:00', '2011-12-30T10:00'],
    ['Pacific/Apia', '2011-12-31T00:00', '2011-12-30T10:00'],
    ['Pacific/Kiritimati', '2026-01-01T00:00', '2025-12-31T10:00'],
    ['Pacific/Pago_Pago', '2026-01-01T00:00', '2026-01-01T11:00'],
  ])('in %s, %s, is %s', (zone, given, instant) => {
    expect(iso(instantOf(zone, wall(given)))).toBe(instant);
  });

  test('is shown by the clocks, or later where they skip it, and never earlier', () => {
    const zones = [
      'UTC',
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'Africa/Cairo',
      'Asia/Tehran',
    ];
    const minutes = fc.integer({ min: 0, max: 30 * 525_600 });
    fc.assert(
      fc.property(fc.constantFrom(...zones), minutes, (zone, minute) => {
        const asked = Date.UTC(2000, 0, 1) + minute * 60_000;
        const instant = instantOf(zone, asked);
        const shown = wallTime(zone, instant);
        expect(shown).toBeGreaterThanOrEqual(asked);
        expect(shown - asked).toBeLessThanOrEqual(HOUR_MS);
        expect(
          wallTime(zone, instant - 1000) < asked ||
            offsetAt(zone, instant - DAY_MS) !== offsetAt(zone, instant),
        ).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
