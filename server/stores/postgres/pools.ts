import type { PoolFigures, PoolStore, PoolUse } from '../pools.js';
import type { Queryable } from './pool.js';

/**
 * Counts by index, whatever else the tables hold: open leases, numbers in use. A number with a live lease is always
 * reserved, so what is not is free. `of` narrows each count to a tracker.
 */
const use = (of: string) => `
  (select count(*) from numbers where retired_at is null ${of}) as numbers,
  live.leased,
  live.elastic,
  (select count(*) from numbers where retired_at is null and reserved_until <= clock.now ${of}) as free,
  (
    select count(*)
    from leases
    where end_reason = 'reclaimed'
      and ended_at > clock.now - interval '24 hours'
      ${of}
  ) as reclaimed`;

const live = (of: string) => `
  from (select clock_timestamp() as now) as clock
  cross join lateral (
    select count(*) as leased, count(*) filter (where assignment = 'elastic') as elastic
    from leases
    where ended_at is null
      and reserved_until > clock.now
      ${of}
  ) as live`;

const OF_TRACKER = 'and tracker_id = $1';

const FIGURES = `select ${use(OF_TRACKER)},
  (
    select coalesce(sum(refused), 0)::bigint
    from pool_refusals
    where tracker_id = $1
      and hour > clock.now - interval '24 hours'
  ) as refused
  ${live(OF_TRACKER)}`;

const TOTALS = `select ${use('')} ${live('')}`;

const ADD_REFUSALS = `
with refusal as materialized (
  select *, clock_timestamp() as now
  from jsonb_to_recordset($1::jsonb) as r(site_id uuid, tracker_id uuid, refused bigint)
),
pruned as (
  delete from pool_refusals
  using refusal
  where pool_refusals.tracker_id = refusal.tracker_id
    and pool_refusals.hour < refusal.now - interval '31 days'
)
insert into pool_refusals (site_id, tracker_id, hour, refused)
select site_id, tracker_id, date_trunc('hour', now), refused
from refusal
order by tracker_id
on conflict (tracker_id, hour) do update
set refused = pool_refusals.refused + excluded.refused`;

/** How pools are used, counted in Postgres: it knows every lease that was promised, at most a second late. */
export function createPoolStore(db: Queryable): PoolStore {
  return {
    async figures(trackerId) {
      const { rows } = await db.query<PoolFigures>(FIGURES, [trackerId]);
      return rows[0] as PoolFigures;
    },
    async totals() {
      const { rows } = await db.query<PoolUse & { reclaimed: number }>(TOTALS);
      return rows[0] as PoolUse & { reclaimed: number };
    },
    async addRefusals(refusals) {
      const rows = refusals.map(({ siteId, trackerId, refused }) => ({
        site_id: siteId,
        tracker_id: trackerId,
        refused,
      }));
      await db.query(ADD_REFUSALS, [JSON.stringify(rows)]);
    },
  };
}
