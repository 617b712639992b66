import type { Metrics } from '../../stores/measures.js';

/** What follows from what was counted; null where nothing was spent, or it would be divided by nothing. */
export interface Ratios {
  cost_per_call: number | null;
  cost_per_qualified_call: number | null;
  cost_per_lead: number | null;
  /** (value - cost) / cost: 0.5 for half as much again as was spent. */
  roi: number | null;
  /** Of those of the whole report, 0 to 1; who is in several groups counts in each, so that shares may make more than 1. */
  unique_calls_share: number | null;
  leads_share: number | null;
}

export type ReportedMetrics = Metrics & Ratios;

export const NOTHING: Metrics = {
  sessions: 0,
  calls: 0,
  unique_calls: 0,
  answered_calls: 0,
  missed_calls: 0,
  first_time_callers: 0,
  qualified_calls: 0,
  unknown_calls: 0,
  average_duration: null,
  leads: 0,
  value: 0,
  cost: 0,
  clicks: 0,
  impressions: 0,
};

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;

/** Where no cost was told, nothing is known of what a call cost. */
const per = (cost: number | null, amount: number): number | null =>
  cost && amount > 0 ? rounded(cost / amount) : null;

const share = (part: number, whole: number): number | null => (whole > 0 ? rounded(part / whole) : null);

/** Metrics as they are reported, to the hundredth of a cent, beside those of the whole report. */
export const reported = (metrics: Metrics, whole: Metrics): ReportedMetrics => ({
  ...metrics,
  cost_per_call: per(metrics.cost, metrics.calls),
  cost_per_qualified_call: per(metrics.cost, metrics.qualified_calls),
  cost_per_lead: per(metrics.cost, metrics.leads),
  roi: metrics.cost ? rounded((metrics.value - metrics.cost) / metrics.cost) : null,
  unique_calls_share: share(metrics.unique_calls, whole.unique_calls),
  leads_share: share(metrics.leads, whole.leads),
});
