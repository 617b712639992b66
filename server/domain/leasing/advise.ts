import { Problem } from '../../lib/errors.js';
import type { ArrivalsOfHour, PoolStore } from '../../stores/pools.js';
import type { Tracker } from '../../stores/settings.js';
import { arrivalsOf, type HourOfArrivals, meanVisit } from './offered-load.js';
import { type PoolSize, sizing } from './sizing.js';

const HOUR_MS = 3_600_000;
const DAYS = 7;

/** What is asked of a pool of another size; left out: as it is. Windows in seconds. */
export interface WhatIf {
  numbers?: number;
  reservation_seconds?: number;
  min_reservation_seconds?: number;
}

const rounded = (value: number | null, digits: number): number | null =>
  value === null ? null : Number(value.toFixed(digits));
const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
const peak = (loads: number[]): number => loads.reduce((a, b) => Math.max(a, b), 0);
const total = (rows: ArrivalsOfHour[], field: 'leases' | 'cut_short'): number =>
  rows.reduce((sum, row) => sum + row[field], 0);

/** What is expected of a pool of this size, in the names of the API. */
function expectation(hours: HourOfArrivals[], size: PoolSize) {
  const expected = sizing(hours, size);
  return {
    loads: expected.loads.map((load) => Number(load.toFixed(3))),
    mean_hold_seconds: rounded(expected.meanHold, 1),
    peak_offered_load: Number(peak(expected.loads).toFixed(3)),
    blocked_share: rounded(expected.blockedShare, 6),
    cut_short_share: rounded(expected.cutShortShare, 6),
    numbers_for_1_percent: expected.numbersFor1Percent,
    numbers_for_0_1_percent: expected.numbersFor01Percent,
  };
}

function sizeAsked(size: PoolSize, whatIf: WhatIf): PoolSize | null {
  const { numbers, reservation_seconds, min_reservation_seconds } = whatIf;
  if ([numbers, reservation_seconds, min_reservation_seconds].every((value) => value === undefined))
    return null;
  const asked = {
    numbers: numbers ?? size.numbers,
    reservationSeconds: reservation_seconds ?? size.reservationSeconds,
    minReservationSeconds: min_reservation_seconds ?? size.minReservationSeconds,
  };
  if (asked.minReservationSeconds > asked.reservationSeconds) {
    throw new Problem('invalid_request', 'The windows do not fit together.', [
      { path: 'min_reservation_seconds', message: 'is more than reservation_seconds' },
    ]);
  }
  return asked;
}

/**
 * How a pool's size fits what was asked of it in the last 7 days, and how another size would have. Advice: nothing acts
 * on it. Throws `invalid_request` for windows that no tracker could have.
 */
export async function advise(
  pools: Pick<PoolStore, 'arrivals'>,
  tracker: Pick<Tracker, 'id' | 'site_id' | 'reservation_seconds' | 'min_reservation_seconds'>,
  ask: { numbers: number; whatIf: WhatIf; now: Date },
) {
  const size: PoolSize = {
    numbers: ask.numbers,
    reservationSeconds: tracker.reservation_seconds,
    minReservationSeconds: tracker.min_reservation_seconds,
  };
  const other = sizeAsked(size, ask.whatIf);
  const thisHour = Math.floor(ask.now.getTime() / HOUR_MS) * HOUR_MS;
  const from = thisHour - DAYS * 24 * HOUR_MS;
  // The hour that has begun is the last.
  const count = DAYS * 24 + 1;
  const rows = await pools.arrivals(tracker, { from: new Date(from), hours: count });
  const byPlace = new Map(rows.map((row) => [row.place, row]));
  const hours = Array.from({ length: count }, (_, place): HourOfArrivals => {
    const row = byPlace.get(place);
    return { served: row?.served ?? 0, blocked: row?.blocked ?? 0, visitSeconds: row?.visit_seconds ?? 0 };
  });

  const { loads, blocked_share, cut_short_share, ...expected } = expectation(hours, size);
  const arrivals = hours.reduce((sum, hour) => sum + arrivalsOf(hour), 0);
  const blocked = hours.reduce((sum, hour) => sum + hour.blocked, 0);
  const observedCutShort = share(total(rows, 'cut_short'), total(rows, 'leases'));
  return {
    start: new Date(from).toISOString(),
    end: ask.now.toISOString(),
    arrivals,
    blocked,
    mean_visit_seconds: arrivals > blocked ? rounded(meanVisit(hours), 1) : null,
    ...expected,
    blocked_share: { observed: rounded(share(blocked, arrivals), 6), expected: blocked_share },
    cut_short_share: { observed: rounded(observedCutShort, 6), expected: cut_short_share },
    what_if: other && whatIfOf(hours, other),
    hours: hours.map((hour, place) => ({
      hour: new Date(from + place * HOUR_MS).toISOString(),
      arrivals: arrivalsOf(hour),
      blocked: hour.blocked,
      offered_load: loads[place] as number,
    })),
  };
}

function whatIfOf(hours: HourOfArrivals[], size: PoolSize) {
  const { loads: _, ...expected } = expectation(hours, size);
  return {
    numbers: size.numbers,
    reservation_seconds: size.reservationSeconds,
    min_reservation_seconds: size.minReservationSeconds,
    ...expected,
  };
}
