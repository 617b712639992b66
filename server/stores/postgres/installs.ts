import type { InstallHost, InstallStore } from '../installs.js';
import type { Queryable } from './pool.js';

/** What the script reports of the pages it runs on, in Postgres. */
export function createInstallStore(db: Queryable): InstallStore {
  return {
    async report(reports) {
      await db.query(
        `with report as (
          select *
          from jsonb_to_recordset($1::jsonb) as r(site_id uuid, host text, swaps bigint, found text[])
        ),
        hosts as (
          insert into installs (site_id, host, last_seen_at, swaps)
          select site_id, host, clock_timestamp(), swaps
          from report
          order by site_id, host
          on conflict (site_id, host) do update
          set last_seen_at = excluded.last_seen_at,
            swaps = installs.swaps + excluded.swaps
        )
        insert into installs_found (site_id, host, number, last_seen_at)
        select report.site_id, report.host, found.number, clock_timestamp()
        from report
        cross join unnest(report.found) as found(number)
        order by report.site_id, report.host, found.number
        on conflict (site_id, host, number) do update
        set last_seen_at = excluded.last_seen_at`,
        [
          JSON.stringify(
            reports.map(({ siteId, host, swaps, found }) => ({ site_id: siteId, host, swaps, found })),
          ),
        ],
      );
    },
    async bySite(siteId) {
      const { rows } = await db.query<InstallHost>(
        `select
          installs.host,
          installs.last_seen_at,
          installs.swaps,
          coalesce(
            jsonb_agg(
              jsonb_build_object('number', installs_found.number, 'last_seen_at', installs_found.last_seen_at)
              order by installs_found.number
            ) filter (where installs_found.number is not null),
            '[]'
          ) as found
        from installs
        left join installs_found on installs_found.site_id = installs.site_id
          and installs_found.host = installs.host
        where installs.site_id = $1
        group by installs.site_id, installs.host
        order by installs.host
        limit 1000`,
        [siteId],
      );
      return rows;
    },
  };
}
