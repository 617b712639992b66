import { sqlFile } from '../../lib/sql.js';
import type { ExposureRow, TimeModelStore } from '../time-models.js';
import type { Queryable } from './pool.js';

const EXPOSURE = sqlFile(import.meta.url, './sql/exposure.sql');

/** Facts of a call are some kilobytes. */
const PIECE = 200;

/** Calls of a site that teach: `calls` with their latest decision, as `decided`. A source's number has no holders. */
const TEACHING = `calls.site_id = $1
    and (calls.caller_number is null or calls.first_call)
    and calls.method <> 'source'
    and not calls.spam`;

/** Time models in Postgres, and what they are learned from. */
export function createTimeModelStore(db: Queryable): TimeModelStore {
  return {
    async due(now) {
      const { rows } = await db.query<{ site_id: string; version: number }>(
        `select sites.id as site_id, coalesce(latest.version, 0) as version
        from sites
        left join lateral (
          select version, calls, learned_at
          from time_models
          where time_models.site_id = sites.id
          order by version desc
          limit 1
        ) as latest on true
        cross join lateral (
          select count(*) as count
          from calls
          where calls.site_id = sites.id
            and calls.started_at > coalesce(latest.learned_at, '-infinity')
            and calls.started_at <= coalesce($1::timestamptz, clock_timestamp())
        ) as fresh
        where sites.retired_at is null
          and fresh.count >= greatest(50, coalesce(latest.calls, 0) / 10)`,
        [now ?? null],
      );
      return rows;
    },

    async *calls(siteId, limit, now) {
      let before = now ?? null;
      for (let left = limit; left > 0; left -= PIECE) {
        const { rows } = await db.query<{ started_at: Date; facts: unknown }>(
          `select calls.started_at, decided.facts
          from calls
          cross join lateral (
            select facts
            from attributions
            where attributions.call_id = calls.id
            order by decided_at desc, id desc
            limit 1
          ) as decided
          where ${TEACHING}
            and calls.started_at < coalesce($2::timestamptz, clock_timestamp())
            and calls.started_at > coalesce($4::timestamptz, clock_timestamp()) - interval '90 days'
          order by calls.started_at desc
          limit $3`,
          [siteId, before, Math.min(left, PIECE), now ?? null],
        );
        if (rows.length > 0) yield rows;
        if (rows.length < PIECE) return;
        before = (rows.at(-1) as { started_at: Date }).started_at;
      }
    },

    async exposure(siteId, { since, until }, { delays, dialling }) {
      const { rows } = await db.query<ExposureRow>(EXPOSURE, [siteId, since, until, delays, dialling]);
      const row = rows[0] as ExposureRow;
      return { ...row, leases: delays.map((_, at) => row.leases[at] ?? 0) };
    },

    async add({ site_id, version, learned_at, since, calls, model }) {
      const { rowCount } = await db.query(
        `insert into time_models (site_id, version, learned_at, since, calls, model)
        values ($1, $2, $3, $4, $5, $6)
        on conflict do nothing`,
        [site_id, version, learned_at, since, calls, JSON.stringify(model)],
      );
      return rowCount === 1;
    },

    async now() {
      const { rows } = await db.query<{ now: Date }>('select clock_timestamp() as now');
      return (rows[0] as { now: Date }).now;
    },
  };
}
