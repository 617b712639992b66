import type { GroupColumn, MeasuredGroup, Metrics } from '../../stores/reports.js';
import type { Access } from '../settings/access.js';
import { type Ask, askOf, type Question, type ReportDeps } from './ask.js';
import { type Interval, stretchesOf } from './stretches.js';

export type GroupKey = GroupColumn | 'day';

export type SummaryRow = { [key in GroupColumn]?: string | null } & { day?: string } & Metrics;

export interface Summary {
  start_date: string;
  end_date: string;
  time_zone: string;
  total_results: Metrics;
  grouped_by: GroupKey[];
  grouped_results: SummaryRow[];
}

export interface Timeseries extends Omit<Summary, 'grouped_by' | 'grouped_results'> {
  interval: Interval;
  data: ({ key: string } & Metrics)[];
}

const NONE: Metrics = {
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
};

const named = ({ period, zone }: Ask) => ({
  start_date: period.start_date,
  end_date: period.end_date,
  time_zone: zone,
});

/** By code units, so that the order is the same everywhere; null after all texts. */
function compare(a: string | null | undefined, b: string | null | undefined): number {
  if (a === b) return 0;
  if (a === null || a === undefined) return 1;
  if (b === null || b === undefined) return -1;
  return a < b ? -1 : 1;
}

/** Most calls first, then by the keys in the order asked for. */
export const byCalls =
  (keys: readonly GroupKey[]) =>
  (a: SummaryRow, b: SummaryRow): number => {
    if (a.calls !== b.calls) return b.calls - a.calls;
    for (const key of keys) {
      const order = compare(a[key], b[key]);
      if (order !== 0) return order;
    }
    return 0;
  };

/** What calls came of, grouped by one key or several. */
export async function summarize(
  deps: ReportDeps,
  access: Access,
  question: Question,
  keys: GroupKey[],
): Promise<Summary> {
  const ask = await askOf(deps, access, question);
  const days = keys.includes('day') ? stretchesOf(ask.filter.period, 'day', ask.zone) : null;
  const { total, groups } = await deps.reports.measure(ask.filter, {
    columns: keys.filter((key) => key !== 'day'),
    starts: days ? days.map(({ start }) => start) : null,
  });
  const row = ({ keys: values, stretch, metrics }: MeasuredGroup): SummaryRow => ({
    ...Object.fromEntries(
      keys.map((key) => [key, key === 'day' ? (days?.[stretch as number]?.key ?? null) : values[key]]),
    ),
    ...metrics,
  });
  return {
    ...named(ask),
    total_results: total,
    grouped_by: keys,
    grouped_results: groups.map(row).sort(byCalls(keys)),
  };
}

/** The same over time, a row for every stretch of it. */
export async function timeseries(
  deps: ReportDeps,
  access: Access,
  question: Question,
  interval: Interval,
): Promise<Timeseries> {
  const ask = await askOf(deps, access, question);
  const stretches = stretchesOf(ask.filter.period, interval, ask.zone);
  const { total, groups } = await deps.reports.measure(ask.filter, {
    columns: [],
    starts: stretches.map(({ start }) => start),
  });
  const measured = new Map(groups.map((group) => [group.stretch, group.metrics]));
  return {
    ...named(ask),
    interval,
    total_results: total,
    data: stretches.map(({ key }, at) => ({ key, ...(measured.get(at) ?? NONE) })),
  };
}
