import type { Facts } from './facts.js';
import { isOpen } from './holders.js';
import { DELAYS, density, dialledBy, meanDensity, PRIOR, TAP_DELAYS, type TimeModel } from './time-model.js';

/** What there was to call from: the other half of a rate. */
export interface Exposure {
  /** Seconds that pages were open, but for the first ones of each, in which nobody can have dialled. */
  open_seconds: number;
  /** For each of DELAYS, how many leases' worth of its calls could have come. */
  leases: number[];
  taps: number;
  /** Seconds that each number was there to be called, together. */
  number_seconds: number;
}

/** A call as learning sees it: who it may have been. */
export type KnownCall = Pick<Facts, 'leases' | 'older' | 'code'>;

/** The prior counts as much as what a small site sees in a month or two: about thirty calls. */
const PRIOR_EXPOSURE: Exposure = {
  open_seconds: 72_000,
  leases: DELAYS.map(() => 600),
  taps: 60,
  number_seconds: 1e8,
};

/** A parameter of the model in a call: how much it adds to the call's rate, per unit of itself. */
type Terms = { at: number[]; factor: number[] };

const OPEN = 0;
const AFTER = 1;
const TAP = AFTER + DELAYS.length;
const STRAY = TAP + TAP_DELAYS.length;

const parametersOf = ({ open, after, tap, stray }: TimeModel): number[] => [open, ...after, ...tap, stray];

/** What each parameter is a rate of. */
const unitsOf = ({ open_seconds, leases, taps, number_seconds }: Exposure): number[] => [
  open_seconds,
  ...leases,
  ...TAP_DELAYS.map(() => taps),
  number_seconds,
];

const modelOf = (parameters: number[]): Omit<TimeModel, 'version'> => ({
  open: parameters[OPEN] as number,
  after: parameters.slice(AFTER, TAP),
  tap: parameters.slice(TAP, STRAY),
  stray: parameters[STRAY] as number,
});

/** The rate of a call, as a sum over parameters. With a code, only what its visitor did counts. */
function termsOf({ leases, older, code }: KnownCall): Terms {
  const terms: Terms = { at: [], factor: [] };
  const add = (at: number, factor: number) => {
    if (factor < 1e-12) return;
    terms.at.push(at);
    terms.factor.push(factor);
  };
  for (const lease of leases) {
    if (code && lease.visitor_id !== code.visitor_id) continue;
    const dialled = dialledBy(lease.shown_for);
    if (isOpen(lease)) add(OPEN, dialled);
    else {
      for (const [at, mean] of DELAYS.entries()) add(AFTER + at, density(mean, lease.silent_for) * dialled);
    }
    if (lease.tapped_for === null) continue;
    for (const [at, mean] of TAP_DELAYS.entries()) add(TAP + at, density(mean, lease.tapped_for));
  }
  if (code) return terms;
  for (const { from, to, count } of older) {
    for (const [at, mean] of DELAYS.entries()) add(AFTER + at, count * meanDensity(mean, from, to));
  }
  add(STRAY, 1);
  return terms;
}

/** Of each parameter, how many of the calls are its own: a call is shared among what may have made it. */
function sharesOf(calls: Terms[], parameters: number[]): number[] {
  const shares = parameters.map(() => 0);
  for (const { at, factor } of calls) {
    const parts = at.map((which, n) => (parameters[which] as number) * (factor[n] as number));
    const rate = parts.reduce((sum, part) => sum + part, 0);
    if (rate <= 0) continue;
    for (const [n, which] of at.entries()) (shares[which] as number) += (parts[n] as number) / rate;
  }
  return shares;
}

/**
 * Learns how a site's callers behave from all its calls, not only from those whose caller is known: expectation
 * maximisation (Dempster, Laird and Rubin, 1977) over who may have made each, with a gamma prior on every rate around
 * PRIOR. Callers who called before are to be left out: they need no page. Yields between rounds, so that whoever runs
 * it can let others have their turn; a round of 3,000 calls takes some milliseconds.
 */
export function* learn(
  calls: KnownCall[],
  exposure: Exposure,
  rounds = 100,
): Generator<void, Omit<TimeModel, 'version'>> {
  const terms = calls.map(termsOf).filter(({ at }) => at.length > 0);
  const before = parametersOf(PRIOR);
  const pseudo = unitsOf(PRIOR_EXPOSURE);
  const seen = unitsOf(exposure);
  let parameters = before;
  for (let n = 0; n < rounds; n += 1) {
    const shares = sharesOf(terms, parameters);
    parameters = before.map((rate, at) => {
      const units = pseudo[at] as number;
      return (rate * units + (shares[at] as number)) / (units + (seen[at] as number));
    });
    yield;
  }
  return modelOf(parameters);
}
