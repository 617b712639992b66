import type { Candidate, EarlierCall, Reason, VisitorFact } from './facts.js';
import type { Holder } from './holders.js';

// How the probability is shared out, one kind of evidence on top of the other; decide.ts says in which order.

/** A code names the page that showed it; what is left is a misheard digit that hits another one. */
const CODE_CERTAINTY = 0.99;
/** A caller known from before is the same person, except for phones that several people use. */
const REDIAL_CERTAINTY = 0.95;
/** Calls a second of somebody who called before, whatever they do on the site: one in twelve days. */
const REDIAL_RATE = 1e-6;

export const round = (value: number): number => Math.round(value * 1e6) / 1e6;
const seconds = (count: number): string => `${Math.round(count)} s`;

/** The candidates, one a visitor, and `unknown`, which together have all of the probability. */
export interface Shares {
  candidates: Candidate[];
  unknown: number;
}

/** How likely each holder is the caller, by when they were last there; `unknown` takes part with strays. */
export function byRecency(holders: Holder[], others: number): Shares {
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
export function withTaps(without: Shares, holders: Holder[], others: number, hasEarlier: boolean): Shares {
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
 * the more so if they are there again now. Where that was nobody, so is a call to the same number: that somebody else
 * has it now is no sign of who calls.
 */
export function withEarlier(
  without: Shares,
  holders: Holder[],
  rateOfOthers: number,
  earlier: EarlierCall,
): Shares {
  if (!earlier.same_number) return withOtherNumber(without, holders, rateOfOthers, earlier);
  const { visitor_id: named, session_id, confidence } = earlier;
  const then = thenOf(earlier);
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

/** Whose the earlier call was, as likely as then. */
function thenOf({ visitor_id, confidence, others }: EarlierCall): Map<string, number> {
  const then = new Map(others.map((other) => [other.visitor_id, other.probability]));
  if (visitor_id) then.set(visitor_id, confidence);
  return then;
}

/** The earlier call was to another number: if one of those was shown this one too, it is most likely theirs. */
function withOtherNumber(
  without: Shares,
  holders: Holder[],
  rateOfOthers: number,
  earlier: EarlierCall,
): Shares {
  const then = thenOf(earlier);
  const shown = new Map(
    holders.flatMap(({ visitor_id: id, rate }) => {
      const probability = then.get(id) ?? 0;
      return probability > 0 ? [[id, { probability, weight: probability * rate }] as const] : [];
    }),
  );
  const isShown = holders.some(({ visitor_id }) => visitor_id === earlier.visitor_id);
  const otherwise = withStranger(
    without,
    holders,
    rateOfOthers,
    isShown ? { ...earlier, visitor_id: null } : earlier,
  );
  const sum = (of: 'probability' | 'weight') => [...shown.values()].reduce((all, one) => all + one[of], 0);
  const total = sum('weight');
  if (total === 0) return otherwise;
  const certainty = REDIAL_CERTAINTY * Math.min(1, sum('probability'));
  const candidates = otherwise.candidates.map((candidate): Candidate => {
    const own = shown.get(candidate.visitor_id ?? '');
    const probability = (1 - certainty) * candidate.probability + (certainty * (own?.weight ?? 0)) / total;
    if (!own) return { ...candidate, probability };
    const session_id =
      candidate.visitor_id === earlier.visitor_id ? earlier.session_id : candidate.session_id;
    return {
      ...candidate,
      session_id,
      probability,
      reasons: [earlierReason(own.probability), ...candidate.reasons],
    };
  });
  return { candidates, unknown: (1 - certainty) * otherwise.unknown };
}

/**
 * Who dials a number that none of those was ever shown to may have been shown it as another visitor: on another device,
 * or without the first-party id of then. Where nobody had it lately it is who called before.
 */
function withStranger(
  without: Shares,
  holders: Holder[],
  rateOfOthers: number,
  { visitor_id, session_id, confidence }: EarlierCall,
): Shares {
  const theirs = rateOfOthers + REDIAL_RATE;
  const rate = holders.reduce((sum, holder) => sum + holder.rate, 0);
  const left = theirs / (rate + theirs);
  const scaled = (1 - left) / (1 - without.unknown || 1);
  if (!visitor_id) return without;
  const candidates = without.candidates.map((one) => ({ ...one, probability: one.probability * scaled }));
  const probability = REDIAL_CERTAINTY * confidence * left;
  const own = { visitor_id, session_id, lease_id: null, probability, reasons: [earlierReason(confidence)] };
  return { candidates: [...candidates, own], unknown: left - probability };
}

const earlierReason = (then: number): Reason => ({
  code: 'redial',
  weight: round(REDIAL_CERTAINTY * then),
  detail: `an earlier call of this caller was theirs with probability ${round(then)}`,
});

/**
 * Who gave the code of a visitor is that visitor; otherwise it is whose it would be without the code. So a code never
 * makes its visitor less likely.
 */
export function withCode(without: Shares, named: VisitorFact): Shares {
  const own = without.candidates.find((candidate) => candidate.visitor_id === named.visitor_id);
  const others = without.candidates.filter((candidate) => candidate !== own);
  const left = 1 - CODE_CERTAINTY;
  const detail = 'the caller gave the code that this visitor was shown';
  const favoured: Candidate = {
    session_id: named.session_id,
    visitor_id: named.visitor_id,
    lease_id: own?.lease_id ?? null,
    probability: CODE_CERTAINTY + left * (own?.probability ?? 0),
    reasons: [{ code: 'code', weight: CODE_CERTAINTY, detail }, ...(own?.reasons ?? [])],
  };
  const rest = others.map((candidate) => ({ ...candidate, probability: candidate.probability * left }));
  return { candidates: [favoured, ...rest], unknown: without.unknown * left };
}
