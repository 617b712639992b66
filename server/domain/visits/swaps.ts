import type { Swap } from '../../../shared/events.js';
import { createMemo } from '../../lib/memo.js';
import { displayNumber } from '../../lib/phone.js';
import type { Site } from '../../stores/settings.js';
import type { Choice } from '../leasing/choose-numbers.js';

/** A page renews no more often than this, unless the promise is shorter than twice as much. */
const RENEW_SECONDS = 60;

/** Formatting a number costs more than all the rest of an answer. */
const known = createMemo<string>(20_000);

const display = (number: string, region: string): string =>
  known(`${region}${number}`, () => displayNumber(number, region));

/** The choices as the browser is told them. `signedAt`: when the visitor gave the sign that the promise counts from. */
export function swapsOf(site: Site, choices: Choice[], signedAt: Date): Swap[] {
  return choices.map(({ target, tracker, number, lease }) => ({
    target,
    number,
    display: display(number, site.default_region),
    lease: lease?.leaseId ?? null,
    expires_at: lease
      ? new Date(signedAt.getTime() + tracker.min_reservation_seconds * 1000).toISOString()
      : null,
    expires_in: lease ? tracker.min_reservation_seconds : null,
    assignment: lease?.assignment ?? 'source',
  }));
}

/** Seconds after which the page renews: in time for the shortest promise; null where nothing runs out. */
export function renewAfter(swaps: Swap[]): number | null {
  const promises = swaps.map((swap) => swap.expires_in).filter((seconds) => seconds !== null);
  if (promises.length === 0) return null;
  return Math.max(1, Math.min(RENEW_SECONDS, Math.floor(Math.min(...promises) / 2)));
}
