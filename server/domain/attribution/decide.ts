import type { Candidate, Decision, Facts, LeaseFact, Method, Reason, VisitorFact } from './facts.js';
import { callRate, strayRate } from './prior.js';

/** Counts changes of the rules; kept with every decision. */
export const RULE_VERSION = 1;

const SHOWN = 10;

/** A code names the page that showed it; what is left is a misheard digit that hits another one. */
const CODE_CERTAINTY = 0.99;
/** A caller known from before is the same person, except for phones that several people use. */
const REDIAL_CERTAINTY = 0.95;

const nobody = { session_id: null, visitor_id: null, lease_id: null };
const round = (value: number): number => Math.round(value * 1e6) / 1e6;

const seconds = (count: number): string => `${Math.round(count)} s`;

/**
 * Calls per second expected of each holder at this moment. How long the number has been shown counts only where
 * somebody else had it before: with nobody else to have dialled it, an instant call is simply theirs.
 */
function ratesOf(leases: LeaseFact[]): number[] {
  return leases.map((lease) => {
    const hasEarlier = leases.some(
      (other) => other.visitor_id !== lease.visitor_id && other.shown_for > lease.shown_for,
    );
    return callRate({ silent_for: lease.silent_for, shown_for: hasEarlier ? lease.shown_for : null });
  });
}

/** How likely each holder is the caller, by when they were last there; `unknown` takes part as a stray call. */
function byRecency(leases: LeaseFact[]): { candidates: Candidate[]; unknown: number } {
  const rates = ratesOf(leases);
  const total = rates.reduce((sum, rate) => sum + rate, strayRate);
  const candidates = leases.map((lease, at): Candidate => {
    const probability = (rates[at] as number) / total;
    const detail = `last there ${seconds(lease.silent_for)} before the call, first shown the number ${seconds(lease.shown_for)} before`;
    return {
      session_id: lease.session_id,
      visitor_id: lease.visitor_id,
      lease_id: lease.lease_id,
      probability,
      reasons: [{ code: 'recency', weight: round(probability), detail }],
    };
  });
  return { candidates, unknown: strayRate / total };
}

/** Gives one visitor a certain share of the probability, the others what is left. */
function favour(
  recency: { candidates: Candidate[]; unknown: number },
  named: VisitorFact,
  certainty: number,
  reason: Reason,
): { candidates: Candidate[]; unknown: number } {
  const own = recency.candidates.find((candidate) => candidate.visitor_id === named.visitor_id);
  const others = recency.candidates.filter((candidate) => candidate !== own);
  const left = (1 - certainty) / (1 - (own?.probability ?? 0) || 1);
  const favoured: Candidate = {
    session_id: named.session_id,
    visitor_id: named.visitor_id,
    lease_id: own?.lease_id ?? null,
    probability: certainty,
    reasons: [reason, ...(own?.reasons ?? [])],
  };
  const rest = others.map((candidate) => ({ ...candidate, probability: candidate.probability * left }));
  return { candidates: [favoured, ...rest], unknown: recency.unknown * left };
}

/** The ten likeliest, the rest with `unknown`, so that what is listed sums to 1. */
function listed(candidates: Candidate[], unknown: number): Candidate[] {
  const sorted = [...candidates].sort(
    (a, b) => b.probability - a.probability || ((a.lease_id ?? '') < (b.lease_id ?? '') ? -1 : 1),
  );
  const top = sorted
    .slice(0, SHOWN)
    .map((candidate) => ({ ...candidate, probability: round(candidate.probability) }));
  const rest = 1 - top.reduce((sum, candidate) => sum + candidate.probability, 0);
  const others = sorted.length - top.length;
  const detail =
    others > 0 ? `a stray call, or one of ${others} others who were shown the number` : 'a stray call';
  return [
    ...top,
    {
      ...nobody,
      probability: round(Math.max(0, rest)),
      reasons: [{ code: 'unknown', weight: round(unknown), detail }],
    },
  ];
}

function decision(method: Method, candidates: Candidate[], reasons: Reason[]): Decision {
  const [first] = candidates;
  const unknown = candidates.at(-1);
  const isNamed = first && first !== unknown && first.probability > (unknown?.probability ?? 0);
  if (!isNamed) {
    return { method: 'unknown', confidence: 0, ...nobody, candidates, reasons, rule_version: RULE_VERSION };
  }
  const { session_id, visitor_id, lease_id, probability } = first;
  return {
    method,
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
 * Whose call it was. Strongest evidence first: a code given; the number of a source tracker (a source, no visitor);
 * the caller known from before; how recently each holder of the number was there. Pure: the same facts and rule
 * version give the same decision.
 */
export function decide(facts: Facts): Decision {
  const recency = byRecency(facts.leases);
  if (facts.code) {
    const reason = {
      code: 'code',
      weight: CODE_CERTAINTY,
      detail: 'the caller gave the code that this visitor was shown',
    };
    const { candidates, unknown } = favour(recency, facts.code, CODE_CERTAINTY, reason);
    return decision('code', listed(candidates, unknown), [reason]);
  }
  if (facts.tracker.type === 'source') {
    const reasons = [{ code: 'source_tracker', weight: 1, detail: 'the number stands for one source' }];
    const candidates = [{ ...nobody, probability: 1, reasons }];
    return { method: 'source', confidence: 1, ...nobody, candidates, reasons, rule_version: RULE_VERSION };
  }
  if (facts.redial) {
    const certainty = REDIAL_CERTAINTY * facts.redial.confidence;
    const detail = `the caller's call before was credited to this visitor with confidence ${facts.redial.confidence}`;
    const reason = { code: 'redial', weight: certainty, detail };
    const { candidates, unknown } = favour(recency, facts.redial, certainty, reason);
    return decision('redial', listed(candidates, unknown), [reason]);
  }
  const detail =
    facts.leases.length === 0 ? 'nobody was shown this number' : 'a stray call is likelier than any holder';
  return decision('recency', listed(recency.candidates, recency.unknown), [
    { code: 'unknown', weight: 1, detail },
  ]);
}
