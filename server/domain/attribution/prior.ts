// The documented prior: how callers behave before a site's own calls have taught us better (docs/attribution.md).

interface Phase {
  /** Share of callers. */
  share: number;
  /** Mean delay in seconds, exponentially distributed. */
  mean: number;
}

/**
 * When people call after their last sign on the page: most within minutes, a quarter within hours, the rest within
 * days. Vendors' own defaults agree on the shape: leases of minutes, look-backs of days.
 */
const DELAY: Phase[] = [
  { share: 0.6, mean: 240 },
  { share: 0.25, mean: 2 * 3600 },
  { share: 0.15, mean: 2 * 86_400 },
];

/** Share of the people shown a number who ever call it. */
const CALLS_PER_LEASE = 0.05;

/** Seconds it takes to read a number and dial it: half of all callers need longer. */
const DIAL_SECONDS = 12;

/** Density, per second, of the delay between the last sign and the call. */
export const delayDensity = (silentFor: number): number =>
  DELAY.reduce((sum, { share, mean }) => sum + (share / mean) * Math.exp(-silentFor / mean), 0);

/** The chance that somebody who has seen the number for so many seconds can have dialled it already. */
export const dialledBy = (shownFor: number): number =>
  1 - 2 ** -((Math.max(0, shownFor) / DIAL_SECONDS) ** 2);

/** Calls per second expected of the holder of a lease at this moment. `shown_for` null: it does not matter. */
export const callRate = (lease: { silent_for: number; shown_for: number | null }): number =>
  CALLS_PER_LEASE *
  delayDensity(lease.silent_for) *
  (lease.shown_for === null ? 1 : dialledBy(lease.shown_for));

/** Calls per second to one number by people it was never shown to: wrong numbers, old notes, robots. One in five years. */
export const strayRate = 1 / (5 * 365 * 86_400);
