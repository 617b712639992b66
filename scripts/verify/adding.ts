/** Metrics that the groups of a report add up to its total in (docs/reports.md). */
export const ADDING = [
  'sessions',
  'calls',
  'answered_calls',
  'missed_calls',
  'first_time_callers',
  'qualified_calls',
  'unknown_calls',
  'value',
] as const;
