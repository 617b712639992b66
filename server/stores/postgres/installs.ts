import { sqlFile } from '../../lib/sql.js';
import type { InstallHost, InstallStore, SeenNumber } from '../installs.js';
import type { Queryable } from './pool.js';

const REPORT = sqlFile(import.meta.url, './sql/report-installs.sql');

/** The numbers that a table has of a host. */
const numbersOf = (table: 'installs_found' | 'installs_printed') => `
  coalesce(
    (
      select jsonb_agg(jsonb_build_object('number', number, 'last_seen_at', last_seen_at) order by number)
      from ${table}
      where ${table}.site_id = installs.site_id
        and ${table}.host = installs.host
    ),
    '[]'
  )`;

/** JSON has no times. */
const withTimes = (seen: SeenNumber[]): SeenNumber[] =>
  seen.map(({ number, last_seen_at }) => ({ number, last_seen_at: new Date(last_seen_at) }));

/** What the script reports of the pages it runs on, in Postgres. */
export function createInstallStore(db: Queryable): InstallStore {
  return {
    async report(reports) {
      const rows = reports.map(({ siteId, isChecked, printed, ...report }) => ({
        ...report,
        site_id: siteId,
        is_checked: isChecked,
        printed: printed.map(({ number, visitorId }) => ({ number, visitor_id: visitorId })),
      }));
      const due = await db.query<{ site_id: string; host: string }>(REPORT, [JSON.stringify(rows)]);
      return due.rows.map(({ site_id, host }) => ({ siteId: site_id, host }));
    },
    async bySite(siteId) {
      const { rows } = await db.query<InstallHost>(
        `select
          host,
          last_seen_at,
          checked_at,
          swaps,
          ${numbersOf('installs_found')} as found,
          ${numbersOf('installs_printed')} as printed
        from installs
        where site_id = $1
        order by host
        limit 1000`,
        [siteId],
      );
      return rows.map((row) => ({ ...row, found: withTimes(row.found), printed: withTimes(row.printed) }));
    },
  };
}
