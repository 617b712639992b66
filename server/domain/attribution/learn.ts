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

/**
 * The prior counts as much as ten calls of known callers would. Calls of unknown ones teach less each, the less the
 * quicker their callers may have been, so that more of the prior would still be seen after thousands of calls.
 */
const PRIOR_EXPOSURE: Exposure = {
  open_seconds: 24_000,
  leases: DELAYS.map(() => 200),
  taps: 20,
  number_seconds: 3e7,
};

/** Learning is over when no rate changes by more than this part of itself in a round. */
const SETTLED = 2e-4;
const MOST_ROUNDS = 1_000;

/** Where each of the model's parameters is in a list of them. */
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

/**
 * The rate of a call is a sum over the model's parameters: by what each is multiplied, in the order of parametersOf.
 * With a code, only what its visitor did counts. null: nothing that we know of can have made it.
 */
function factorsOf({ leases, older, code }: KnownCall): number[] | null {
  const factors = parametersOf(PRIOR).map(() => 0);
  const add = (at: number, factor: number) => {
    (factors[at] as number) += factor;
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
  if (code) return factors.some((factor) => factor > 0) ? factors : null;
  for (const { from, to, count } of older) {
    for (const [at, mean] of DELAYS.entries()) add(AFTER + at, count * meanDensity(mean, from, to));
  }
  add(STRAY, 1);
  return factors;
}

/** Of each parameter, how many of the calls are its own: a call is shared among what may have made it. */
function sharesOf(calls: number[][], parameters: number[]): number[] {
  const shares = parameters.map(() => 0);
  // Plain loops: this is nearly all of the work.
  for (const factors of calls) {
    let rate = 0;
    for (let at = 0; at < factors.length; at += 1)
      rate += (factors[at] as number) * (parameters[at] as number);
    for (let at = 0; at < factors.length; at += 1) (shares[at] as number) += (factors[at] as number) / rate;
  }
  return shares.map((share, at) => share * (parameters[at] as number));
}

/**
 * Learns how a site's callers behave from all its calls, not only from those whose caller is known: expectation
 * maximisation (Dempster, Laird and Rubin, 1977) over who may have made each, with a gamma prior on every rate around
 * PRIOR. Callers who called before are to be left out: they need no page. Yields between rounds, so that whoever runs
 * it can let others have their turn; a round of 3,000 calls takes about a millisecond.
 */
export function* learn(calls: KnownCall[], exposure: Exposure): Generator<void, Omit<TimeModel, 'version'>> {
  const made = calls.map(factorsOf).filter((factors) => factors !== null);
  const before = parametersOf(PRIOR);
  const pseudo = unitsOf(PRIOR_EXPOSURE);
  const seen = unitsOf(exposure);
  let parameters = before;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const shares = sharesOf(made, parameters);
    const next = before.map((rate, at) => {
      const units = pseudo[at] as number;
      return (rate * units + (shares[at] as number)) / (units + (seen[at] as number));
    });
    const settled = next.every((rate, at) => Math.abs(rate - (parameters[at] as number)) < SETTLED * rate);
    parameters = next;
    if (settled) break;
    yield;
  }
  return modelOf(parameters);
}
