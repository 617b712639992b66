import type { Candidate, Decision, EarlierCall, Facts, Method, Reason, VisitorFact } from './facts.js';
import { type Holder, holdersOf, unknownRate } from './holders.js';

/** Counts changes of the rules; kept with every decision. */
export const RULE_VERSION = 2;

const SHOWN = 10;

/** A code names the page that showed it; what is left is a misheard digit that hits another one. */
const CODE_CERTAINTY = 0.99;
/** A caller known from before is the same person, except for phones that several people use. */
const REDIAL_CERTAINTY = 0.95;
/** Calls a second of somebody who called before, whatever they do on the site: one in twelve days. */
const REDIAL_RATE = 1e-6;

const nobody = { session_id: null, visitor_id: null, lease_id: null };
const round = (value: number): number => Math.round(value * 1e6) / 1e6;
/** So that several do not come to more than 1. What a sum of floating point numbers lacks is not missing. */
const roundedDown = (value: number): number => Math.floor(value * 1e6 + 1e-3) / 1e6;

const seconds = (count: number): string => `${Math.round(count)} s`;

/** The candidates, one a visitor, and `unknown`, which together have all of the probability. */
interface Shares {
  candidates: Candidate[];
  unknown: number;
}

/** How likely each holder is the caller, by when they were last there; `unknown` takes part with strays. */
function byRecency(holders: Holder[], others: number): Shares {
  const total = holders.reduce((sum, { rate }) => sum + rate, others);
  const candidates = holders.map(({ visitor_id, session_id, lease_id, rate, lease, tilts }): Candidate => {
    const probability = rate / total;
    const detail = `last there ${seconds(lease.silent_for)} before the call, first shown the number ${seconds(lease.shown_for)} before`;
    const reasons = [{ code: 'recency', weight: round(probability), detail }, ...tilts];
    return { session_id, visitor_id, lease_id, probability, reasons };
  });
  return { candidates, unknown: others / total };
}

/**
 * Whoever tapped the number moments before most likely made the call; otherwise it is whose it would be without the
 * tap. Where an earlier call says whose that is, a tap counts as if they were there until the call: otherwise it would
 * count for more the longer they were silent.
 */
function withTaps(without: Shares, holders: Holder[], others: number, hasEarlier: boolean): Shares {
  const usual = ({ rate, tapRate, mostRate }: Holder) => (hasEarlier && tapRate > 0 ? mostRate : rate);
  const total = holders.reduce((sum, holder) => sum + usual(holder) + holder.tapRate, others);
  const left = 1 - holders.reduce((sum, { tapRate }) => sum + tapRate, 0) / total;
  if (left === 1) return without;
  const byVisitor = new Map(holders.map((holder) => [holder.visitor_id, holder]));
  const candidates = without.candidates.map((candidate): Candidate => {
    const { tapRate = 0, lease } = byVisitor.get(candidate.visitor_id ?? '') ?? {};
    const probability = tapRate / total + left * candidate.probability;
    if (tapRate === 0 || !lease) return { ...candidate, probability };
    const detail = `tapped the number ${seconds(lease.tapped_for ?? 0)} before the call`;
    const reason = { code: 'tap', weight: round(tapRate / total), detail };
    return { ...candidate, probability, reasons: [reason, ...candidate.reasons] };
  });
  return { candidates, unknown: without.unknown * left };
}

/**
 * The caller is most likely who called before: of those whom that call may have been of, each as likely as then, and
 * the more so if they are there again now. Where that was nobody, so is this: that somebody else has the number now is
 * no sign of who calls.
 */
function withEarlier(without: Shares, holders: Holder[], earlier: EarlierCall): Shares {
  const { visitor_id: named, session_id, confidence, others } = earlier;
  const then = new Map(others.map((other) => [other.visitor_id, other.probability]));
  if (named) then.set(named, confidence);
  const known = [...then.values()].reduce((sum, probability) => sum + probability, 0);
  const byVisitor = new Map(holders.map((holder) => [holder.visitor_id, holder]));
  const weights = [...then].map(([id, probability]) => {
    const weight = probability * (REDIAL_RATE + (byVisitor.get(id)?.rate ?? 0));
    return [id, weight] as const;
  });
  const nobodys = Math.max(0, 1 - known) * REDIAL_RATE;
  const total = weights.reduce((sum, [, weight]) => sum + weight, nobodys);
  if (total === 0) return without;
  const left = 1 - REDIAL_CERTAINTY;
  const again = new Map(weights.map(([id, weight]) => [id, (REDIAL_CERTAINTY * weight) / total]));
  const there = without.candidates.map((candidate): Candidate => {
    const id = candidate.visitor_id ?? '';
    const probability = left * candidate.probability + (again.get(id) ?? 0);
    if (!again.has(id)) return { ...candidate, probability };
    const reasons = [earlierReason(then.get(id) ?? 0), ...candidate.reasons];
    const session = id === named ? session_id : candidate.session_id;
    return { ...candidate, session_id: session, probability, reasons };
  });
  const isThere = named === null || byVisitor.has(named);
  const back: Candidate[] = isThere
    ? []
    : [
        {
          visitor_id: named,
          session_id,
          lease_id: null,
          probability: again.get(named) ?? 0,
          reasons: [earlierReason(confidence)],
        },
      ];
  const listed = [...there, ...back];
  const sum = listed.reduce((all, { probability }) => all + probability, 0);
  return { candidates: listed, unknown: Math.max(0, 1 - sum) };
}

const earlierReason = (then: number): Reason => ({
  code: 'redial',
  weight: round(REDIAL_CERTAINTY * then),
  detail: `an earlier call of this caller was theirs with probability ${round(then)}`,
});

/**
 * With this certainty it was the visitor named; otherwise whose it is without that. So evidence for a visitor never
 * makes them less likely.
 */
function favour(without: Shares, named: VisitorFact, certainty: number, reason: Reason): Shares {
  const own = without.candidates.find((candidate) => candidate.visitor_id === named.visitor_id);
  const others = without.candidates.filter((candidate) => candidate !== own);
  const left = 1 - certainty;
  const favoured: Candidate = {
    session_id: named.session_id,
    visitor_id: named.visitor_id,
    lease_id: own?.lease_id ?? null,
    probability: certainty + left * (own?.probability ?? 0),
    reasons: [reason, ...(own?.reasons ?? [])],
  };
  const rest = others.map((candidate) => ({ ...candidate, probability: candidate.probability * left }));
  return { candidates: [favoured, ...rest], unknown: without.unknown * left };
}

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
  if (facts.redial) shares = withEarlier(shares, holders, facts.redial);
  shares = withTaps(shares, holders, others, facts.redial !== null);
  if (facts.code) {
    const why = 'the caller gave the code that this visitor was shown';
    shares = favour(shares, facts.code, CODE_CERTAINTY, {
      code: 'code',
      weight: CODE_CERTAINTY,
      detail: why,
    });
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
