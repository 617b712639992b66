import { sqlFile } from '../../lib/sql.js';
import type { ArrivalsOfHour, PoolFigures, PoolStore, PoolUse } from '../pools.js';
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

const ADD_REFUSALS = sqlFile(import.meta.url, './sql/add-refusals.sql');
const ARRIVALS = sqlFile(import.meta.url, './sql/arrivals.sql');

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
      const rows = refusals.map(({ siteId, trackerId, refused, sessionIds }) => ({
        site_id: siteId,
        tracker_id: trackerId,
        refused,
        session_ids: sessionIds,
      }));
      await db.query(ADD_REFUSALS, [JSON.stringify(rows)]);
    },
    async arrivals(tracker, { from, hours }) {
      const { rows } = await db.query<ArrivalsOfHour>(ARRIVALS, [tracker.id, tracker.site_id, from, hours]);
      return rows;
    },
  };
}
