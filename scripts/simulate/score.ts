import type { Outcome, Outcomes } from './run.js';

/** Shares of calls, but for `blocked`, a share of visits; `brier` and `reliability` over calls to tracked numbers. */
export interface Score {
  visits: number;
  blocked: number;
  calls: number;
  right: number;
  wrong: number;
  unknown: number;
  tracked_calls: number;
  /** Mean of (confidence - 1 if right, else 0)² (Brier, 1950): 0 is perfect. */
  brier: number;
  /** Ten bins of confidence: what was said and what was so. */
  reliability: { mean_confidence: number; share_right: number; count: number }[];
  thresholds: Record<'0.5' | '0.8', { right: number; wrong: number }>;
}

const BINS = 10;
const round = (value: number): number => Math.round(value * 1e6) / 1e6;

const isRight = ({ truth, named }: Outcome): boolean => named !== null && named.visitor === truth;
const confidenceOf = ({ named }: Outcome): number => (named && named.visitor !== null ? named.confidence : 0);

/** How good the answers were. */
export function score({ visits, blocked, calls }: Outcomes): Score {
  const share = (of: Outcome[], all: unknown[]) => (all.length === 0 ? 0 : round(of.length / all.length));
  const tracked = calls.filter(({ named }) => named !== null);
  const isNamed = ({ named }: Outcome) => named !== null && named.visitor !== null;
  const named = calls.filter(isNamed);
  const above = (threshold: number) => {
    const sure = named.filter((call) => confidenceOf(call) >= threshold);
    return {
      right: share(sure.filter(isRight), calls),
      wrong: share(
        sure.filter((call) => !isRight(call)),
        calls,
      ),
    };
  };
  const mean = (values: number[]) =>
    values.length === 0 ? 0 : round(values.reduce((sum, value) => sum + value, 0) / values.length);
  const reliability = Array.from({ length: BINS }, (_, bin) => {
    const within = tracked.filter(
      (call) => Math.min(BINS - 1, Math.floor(confidenceOf(call) * BINS)) === bin,
    );
    return {
      mean_confidence: mean(within.map(confidenceOf)),
      share_right: mean(within.map((call) => Number(isRight(call)))),
      count: within.length,
    };
  });
  return {
    visits,
    blocked: visits === 0 ? 0 : round(blocked / visits),
    calls: calls.length,
    ...above(0),
    unknown: share(
      calls.filter((call) => !isNamed(call)),
      calls,
    ),
    tracked_calls: tracked.length,
    brier: mean(tracked.map((call) => (confidenceOf(call) - Number(isRight(call))) ** 2)),
    reliability,
    thresholds: { '0.5': above(0.5), '0.8': above(0.8) },
  };
}

/** Expected calibration error: by how much what is said differs from what is so, over all calls. */
export function calibrationError({ reliability, tracked_calls }: Score): number {
  const sum = reliability.reduce(
    (total, { mean_confidence, share_right, count }) =>
      total + count * Math.abs(mean_confidence - share_right),
    0,
  );
  return tracked_calls === 0 ? 0 : sum / tracked_calls;
}
