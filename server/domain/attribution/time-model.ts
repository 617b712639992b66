/**
 * How callers of a site behave: calls to be expected of those who were shown a number, by what they did last. Rates of
 * independent Poisson processes, so that of a call to a number the share of each holder is their rate among all.
 */
export interface TimeModel {
  /** Counts the models of the site; 0: the prior. */
  version: number;
  /** Calls a second while the page is open. */
  open: number;
  /** Calls a lease after its last sign: how many with an exponential delay of each mean in DELAYS. */
  after: number[];
  /** Calls a tap: how many with an exponential delay of each mean in TAP_DELAYS. */
  tap: number[];
  /** Calls a second to a number by people it was not shown to: wrong numbers, old notes, robots. */
  stray: number;
}

/** Mean delays in seconds, 15 s to 11 days: mixtures of these are every smooth way of becoming less likely with time. */
export const DELAYS = [15, 60, 240, 960, 3840, 15_360, 61_440, 245_760, 983_040];
export const TAP_DELAYS = [5, 15, 60];

/** A page renews once a minute while it is seen: past this it is as good as left, whatever it did not say. */
export const OPEN_SECONDS = 90;

/**
 * The documented prior (docs/attribution.md): of a hundred who are shown a number five call it, one of them with the
 * page open (two minutes of it), three fifths within minutes altogether, a quarter within hours, the rest within days.
 * Vendors' own defaults agree on the shape: leases of minutes, look-backs of days.
 */
export const PRIOR: TimeModel = {
  version: 0,
  open: (0.05 * 0.2) / 120,
  after: [0.06, 0.12, 0.17, 0.08, 0.12, 0.1, 0.07, 0.07, 0.01].map((share) => 0.05 * share),
  // Six taps in ten become a call; the rest are curiosity, or a phone's "Call?" answered with no.
  tap: [0.35, 0.2, 0.05],
  // One in five years.
  stray: 1 / (5 * 365 * 86_400),
};

/** Of calls with an exponential delay of this mean, the share a second that comes so long after. */
export const density = (mean: number, delay: number): number => Math.exp(-delay / mean) / mean;

/** Calls a second expected of the holder of a lease whose last sign was so many seconds ago. */
export const afterRate = ({ after }: TimeModel, silentFor: number): number =>
  after.reduce((sum, calls, at) => sum + calls * density(DELAYS[at] as number, silentFor), 0);

/** Calls a second expected of who tapped the number so many seconds ago. */
export const tapRate = ({ tap }: TimeModel, tappedFor: number): number =>
  tap.reduce((sum, calls, at) => sum + calls * density(TAP_DELAYS[at] as number, tappedFor), 0);

/** Calls a second expected of who has the page open: never fewer than of who left it so long ago. */
export const openRate = (model: TimeModel): number => Math.max(model.open, afterRate(model, OPEN_SECONDS));

/** density, on average over delays between `from` and `to`. */
export const meanDensity = (mean: number, from: number, to: number): number =>
  to - from < 1 ? density(mean, from) : (Math.exp(-from / mean) - Math.exp(-to / mean)) / (to - from);

/** afterRate, on average over leases of every age between `from` and `to` seconds. */
export const meanAfterRate = ({ after }: TimeModel, from: number, to: number): number =>
  after.reduce((sum, calls, at) => sum + calls * meanDensity(DELAYS[at] as number, from, to), 0);

/** Seconds it takes to read a number and dial it: half of all callers need longer. */
export const DIAL_SECONDS = 12;
/** Somebody may have known the number, or have been shown it before. */
const DIALLED_AT_ONCE = 0.001;

/** The chance that somebody who has seen the number for so many seconds can have dialled it already. */
export const dialledBy = (shownFor: number): number =>
  Math.max(DIALLED_AT_ONCE, 1 - 2 ** -((Math.max(0, shownFor) / DIAL_SECONDS) ** 2));
