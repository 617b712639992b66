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

/** The candidates and `unknown`, which together have all of the probability. */
interface Shares {
  candidates: Candidate[];
  unknown: number;
}

/** How likely each holder is the caller, by when they were last there; `unknown` takes part as a stray call. */
function byRecency(facts: LeaseFact[]): Shares {
  // In an order of their own, so that sums come out the same whatever order the facts are in.
  const leases = [...facts].sort((a, b) => (a.lease_id < b.lease_id ? -1 : 1));
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

/**
 * With this certainty it was the visitor named; otherwise nothing is known but what recency says. So evidence for a
 * visitor never makes them less likely. Of their leases the likeliest is the one meant.
 */
function favour(recency: Shares, named: VisitorFact, certainty: number, reason: Reason): Shares {
  const [own] = recency.candidates
    .filter((candidate) => candidate.visitor_id === named.visitor_id)
    .sort(likeliestFirst);
  const others = recency.candidates.filter((candidate) => candidate !== own);
  const left = 1 - certainty;
  const favoured: Candidate = {
    session_id: named.session_id,
    visitor_id: named.visitor_id,
    lease_id: own?.lease_id ?? null,
    probability: certainty + left * (own?.probability ?? 0),
    reasons: [reason, ...(own?.reasons ?? [])],
  };
  const rest = others.map((candidate) => ({ ...candidate, probability: candidate.probability * left }));
  return { candidates: [favoured, ...rest], unknown: recency.unknown * left };
}

const likeliestFirst = (a: Candidate, b: Candidate): number =>
  b.probability - a.probability || ((a.lease_id ?? '') < (b.lease_id ?? '') ? -1 : 1);

/** The ten likeliest, the rest with `unknown`, so that what is listed sums to 1. */
function listed(candidates: Candidate[], unknown: number): Candidate[] {
  const sorted = [...candidates].sort(likeliestFirst);
  const top = sorted
    .slice(0, SHOWN)
    .map((candidate) => ({ ...candidate, probability: round(candidate.probability) }));
  const rest = round(1 - top.reduce((sum, candidate) => sum + candidate.probability, 0));
  // Rounded up, they may come to more than 1.
  if (top[0] && rest < 0) top[0].probability = round(top[0].probability + rest);
  const others = sorted.length - top.length;
  const detail =
    others > 0 ? `a stray call, or one of ${others} others who were shown the number` : 'a stray call';
  return [
    ...top,
    {
      ...nobody,
      probability: Math.max(0, rest),
      reasons: [{ code: 'unknown', weight: round(unknown), detail }],
    },
  ];
}

/** Names the likeliest candidate, by the evidence that speaks for them: the one given, else recency. */
function decision(
  candidates: Candidate[],
  { method, visitor_id: named, reasons }: { method: Method; visitor_id: string | null; reasons: Reason[] },
): Decision {
  const [first] = candidates;
  const unknown = candidates.at(-1);
  const isNamed = first && first !== unknown && first.probability > (unknown?.probability ?? 0);
  if (!isNamed) {
    return { method: 'unknown', confidence: 0, ...nobody, candidates, reasons, rule_version: RULE_VERSION };
  }
  const { session_id, visitor_id, lease_id, probability } = first;
  return {
    method: visitor_id === named ? method : 'recency',
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
    const { visitor_id } = facts.code;
    return decision(listed(candidates, unknown), { method: 'code', visitor_id, reasons: [reason] });
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
    const { visitor_id } = facts.redial;
    return decision(listed(candidates, unknown), { method: 'redial', visitor_id, reasons: [reason] });
  }
  const detail =
    facts.leases.length === 0 ? 'nobody was shown this number' : 'a stray call is likelier than any holder';
  const reasons = [{ code: 'unknown', weight: 1, detail }];
  return decision(listed(recency.candidates, recency.unknown), {
    method: 'recency',
    visitor_id: null,
    reasons,
  });
}
