import { Problem } from '../../lib/errors.js';
import type {
  AttributionModel,
  GroupColumn,
  Measured,
  MeasuredGroup,
  Metrics,
} from '../../stores/measures.js';
import type { Access } from '../settings/access.js';
import { type Ask, askOf, type Question, type ReportDeps } from './ask.js';
import { NOTHING, type ReportedMetrics, reported } from './metrics.js';
import { previousPeriod } from './period.js';
import { type Interval, type Stretch, stretchesOf } from './stretches.js';

export type GroupKey = GroupColumn | 'day';

/** How calls are counted. */
export interface Counting {
  model: AttributionModel;
  unique: { days: number | null; per: 'site' | 'tracker' };
  /** Beside each figure that of the time as long before. */
  comparesBefore: boolean;
}

/** In which order the groups come, and how many of them. */
export interface Order {
  sort: GroupKey | keyof ReportedMetrics;
  descends: boolean;
  limit: number | null;
}

/** Figures, and where a comparison was asked for those of the time before. */
export type Compared = ReportedMetrics & { previous?: ReportedMetrics };

export type SummaryRow = { [key in GroupKey]?: string | number | null } & Compared;

interface Named {
  start_date: string;
  end_date: string;
  time_zone: string;
  attribution: AttributionModel;
  /** The time that is compared with. */
  previous_period?: { start_date: string; end_date: string };
}

export interface Summary extends Named {
  total_results: Compared;
  grouped_by: GroupKey[];
  /** How many there are, shown or not. */
  total_groups: number;
  grouped_results: SummaryRow[];
}

export interface Timeseries extends Named {
  interval: Interval;
  total_results: Compared;
  data: ({ key: string } & Compared)[];
}

/** By code units, so that the order is the same everywhere; null after all else, whichever way. */
function compare(a: unknown, b: unknown, descends: boolean): number {
  if (a === b) return 0;
  if (a === null || a === undefined) return 1;
  if (b === null || b === undefined) return -1;
  return (a as string) < (b as string) === descends ? 1 : -1;
}

/** As asked for; what is alike then by the keys. */
export const inOrder =
  ({ sort, descends }: Pick<Order, 'sort' | 'descends'>, keys: readonly GroupKey[]) =>
  (a: SummaryRow, b: SummaryRow): number => {
    const first = compare(a[sort as keyof SummaryRow], b[sort as keyof SummaryRow], descends);
    if (first !== 0) return first;
    for (const key of keys) {
      const next = compare(a[key], b[key], false);
      if (next !== 0) return next;
    }
    return 0;
  };

/** The question, and with a comparison the same of the time before. */
async function asksOf(
  deps: ReportDeps,
  access: Access,
  question: Question,
  { comparesBefore }: Counting,
): Promise<[Ask] | [Ask, Ask]> {
  const ask = await askOf(deps, access, question);
  if (!comparesBefore) return [ask];
  const period = previousPeriod(ask.period, ask.zone);
  const { from, until } = period;
  return [ask, { ...ask, period, filter: { ...ask.filter, period: { from, until } } }];
}

const named = ([ask, before]: [Ask, Ask?], { model }: Counting): Named => ({
  start_date: ask.period.start_date,
  end_date: ask.period.end_date,
  time_zone: ask.zone,
  attribution: model,
  ...(before && {
    previous_period: { start_date: before.period.start_date, end_date: before.period.end_date },
  }),
});

const measure = (
  { reports }: ReportDeps,
  { filter, zone }: Ask,
  { model, unique }: Counting,
  columns: GroupColumn[],
  stretches: Stretch[] | null,
  areDays: boolean,
): Promise<Measured> =>
  reports.measure(filter, {
    columns,
    starts: stretches?.map(({ start }) => start) ?? null,
    areDays,
    zone,
    model,
    unique,
  });

/** What a report counts now, and before where that is compared with. */
interface Totals {
  now: Metrics;
  before: Metrics | null;
}

const compared = ({ now, before }: Totals, whole: Totals): Compared => ({
  ...reported(now, whole.now),
  ...(before && { previous: reported(before, whole.before ?? NOTHING) }),
});

/** What calls came of, grouped by one key or several. A group that was there only in the time before counts nothing now. */
export async function summarize(
  deps: ReportDeps,
  access: Access,
  question: Question,
  keys: GroupKey[],
  counting: Counting,
  order: Order,
): Promise<Summary> {
  const asks = await asksOf(deps, access, question, counting);
  if (counting.comparesBefore && keys.includes('day')) {
    throw new Problem(
      'invalid_request',
      'Days have none before them to be compared with by name: ask for a timeseries.',
    );
  }
  const columns = keys.filter((key) => key !== 'day');
  const [now, before] = await Promise.all(
    asks.map(async (ask) => {
      const days = keys.includes('day') ? stretchesOf(ask.filter.period, 'day', ask.zone) : null;
      const measured = await measure(deps, ask, counting, columns, days, true);
      const keysOf = ({ keys: values, stretch }: MeasuredGroup) =>
        keys.map((key) => (key === 'day' ? (days?.[stretch as number]?.key ?? null) : (values[key] ?? null)));
      return {
        total: measured.total,
        groups: new Map(measured.groups.map((group) => [JSON.stringify(keysOf(group)), group.metrics])),
      };
    }),
  );
  const whole: Totals = { now: now?.total ?? NOTHING, before: before?.total ?? null };
  const groups = new Set([...(now?.groups.keys() ?? []), ...(before?.groups.keys() ?? [])]);
  const rows = [...groups].map((group): SummaryRow => {
    const values = JSON.parse(group) as (string | number | null)[];
    return {
      ...Object.fromEntries(keys.map((key, at) => [key, values[at] ?? null])),
      ...compared(
        {
          now: now?.groups.get(group) ?? NOTHING,
          before: before ? (before.groups.get(group) ?? NOTHING) : null,
        },
        whole,
      ),
    };
  });
  rows.sort(inOrder(order, keys));
  return {
    ...named(asks, counting),
    total_results: compared(whole, whole),
    grouped_by: keys,
    total_groups: rows.length,
    grouped_results: order.limit === null ? rows : rows.slice(0, order.limit),
  };
}

/** The same over time, a row for every stretch of it; compared are the nth stretches of both times. */
export async function timeseries(
  deps: ReportDeps,
  access: Access,
  question: Question,
  interval: Interval,
  counting: Counting,
): Promise<Timeseries> {
  const asks = await asksOf(deps, access, question, counting);
  const [now, before] = await Promise.all(
    asks.map(async (ask) => {
      const stretches = stretchesOf(ask.filter.period, interval, ask.zone);
      const { total, groups } = await measure(deps, ask, counting, [], stretches, interval !== 'hour');
      const measured = new Map(groups.map((group) => [group.stretch, group.metrics]));
      // Costs are not told by the hour.
      const nothing =
        interval === 'hour' ? { ...NOTHING, cost: null, clicks: null, impressions: null } : NOTHING;
      return { total, rows: stretches.map(({ key }, at) => ({ key, metrics: measured.get(at) ?? nothing })) };
    }),
  );
  const whole: Totals = { now: now?.total ?? NOTHING, before: before?.total ?? null };
  return {
    ...named(asks, counting),
    interval,
    total_results: compared(whole, whole),
    data: (now?.rows ?? []).map(({ key, metrics }, at) => ({
      key,
      ...compared({ now: metrics, before: before ? (before.rows[at]?.metrics ?? NOTHING) : null }, whole),
    })),
  };
}
