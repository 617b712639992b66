import type { Candidate, Decision, Facts, Method, Reason } from './facts.js';
import { holdersOf, unknownRate } from './holders.js';
import { byRecency, round, type Shares, withCode, withEarlier, withTaps } from './shares.js';

/** Counts changes of the rules; kept with every decision. */
export const RULE_VERSION = 2;

const SHOWN = 10;

const nobody = { session_id: null, visitor_id: null, lease_id: null };
/** So that several do not come to more than 1. What a sum of floating point numbers lacks is not missing. */
const roundedDown = (value: number): number => Math.floor(value * 1e6 + 1e-3) / 1e6;

const likeliestFirst = (a: Candidate, b: Candidate): number =>
  b.probability - a.probability || ((a.visitor_id ?? '') < (b.visitor_id ?? '') ? -1 : 1);

/** The ten likeliest, the rest with `unknown`, so that what is listed sums to 1. `older`: leases not looked at. */
function listed({ candidates, unknown }: Shares, older: number): Candidate[] {
  const sorted = [...candidates].sort(likeliestFirst);
  const top = sorted
    .slice(0, SHOWN)
    .map((candidate) => ({ ...candidate, probability: roundedDown(candidate.probability) }));
  const rest = round(1 - top.reduce((sum, candidate) => sum + candidate.probability, 0));
  const others = sorted.length - top.length + older;
  const detail =
    others > 0 ? `a stray call, or one of ${others} others who were shown the number` : 'a stray call';
  const reasons = [{ code: 'unknown', weight: round(unknown), detail }];
  return [...top, { ...nobody, probability: rest, reasons }];
}

/** The evidence that names a candidate: the strongest of what speaks for them. */
function methodOf({ reasons, probability }: Candidate): Method {
  const has = (code: string) => reasons.some((reason) => reason.code === code);
  const tap = reasons.find(({ code }) => code === 'tap');
  if (has('code')) return 'code';
  if (tap && tap.weight > probability / 2) return 'tap';
  return has('redial') ? 'redial' : 'recency';
}

/** Names the likeliest candidate, unless it is likelier nobody we know of: then `reasons` say why. */
function decision(candidates: Candidate[], reasons: Reason[]): Decision {
  const [first] = candidates;
  const unknown = candidates.at(-1);
  const isNamed = first && first !== unknown && first.probability > (unknown?.probability ?? 0);
  if (!isNamed) {
    return { method: 'unknown', confidence: 0, ...nobody, candidates, reasons, rule_version: RULE_VERSION };
  }
  const { session_id, visitor_id, lease_id, probability } = first;
  return {
    method: methodOf(first),
    confidence: probability,
    session_id,
    visitor_id,
    lease_id,
    candidates,
    reasons: first.reasons,
    rule_version: RULE_VERSION,
  };
}

/**
 * Whose call it was. Strongest evidence first: a code given; a tap on the number moments before; the number of a
 * source tracker (a source, no visitor); the caller known from before; how recently each holder of the number was
 * there. Pure: the same facts and rule version give the same decision.
 */
export function decide(facts: Facts): Decision {
  const holders = holdersOf(facts);
  const others = unknownRate(facts);
  const older = facts.older.reduce((sum, { count }) => sum + count, 0);
  let shares = byRecency(holders, others);
  const detail =
    holders.length + older === 0
      ? 'nobody was shown this number'
      : 'nobody who was shown the number is likelier than a stray call or those of long ago';
  const reasons: Reason[] = [{ code: 'unknown', weight: round(shares.unknown), detail }];
  if (facts.redial) shares = withEarlier(shares, holders, others, facts.redial);
  shares = withTaps(shares, holders, others, facts.redial !== null);
  if (facts.code) {
    shares = withCode(shares, facts.code);
  } else if (facts.tracker.type === 'source') {
    const own = [{ code: 'source_tracker', weight: 1, detail: 'the number stands for one source' }];
    const candidates = [{ ...nobody, probability: 1, reasons: own }];
    return {
      method: 'source',
      confidence: 1,
      ...nobody,
      candidates,
      reasons: own,
      rule_version: RULE_VERSION,
    };
  }
  return decision(listed(shares, older), reasons);
}
