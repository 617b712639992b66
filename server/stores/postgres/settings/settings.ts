import type { ApiKey, SettingsRows, SettingsStore, TrackingNumber } from '../../settings.js';
import type { Pool } from '../pool.js';
import { createKeyStore } from './keys.js';
import { createNumberStore } from './numbers.js';
import { NUMBER_COLUMNS, rows, siteRows, trackerRows } from './rows.js';
import { createSiteStore } from './sites.js';
import { createTrackerStore } from './trackers.js';

/** Each by an index; a number counts for as long as calls are taken on it. */
const SITES_OF = {
  site_key: 'select id as site_id from sites where key = any($1) and retired_at is null',
  key_hash: 'select distinct site_id from keys where hash = any($1) and retired_at is null',
  number: `select distinct numbers.site_id
    from numbers
    join trackers on trackers.id = numbers.tracker_id
    where numbers.number = any($1)
      and (
        numbers.retired_at is null
        or numbers.retired_at + make_interval(hours => 24 * trackers.attribution_days) > clock_timestamp()
      )`,
};

/** Settings in Postgres. Every change is announced to the other servers by the transaction that makes it. */
export function createSettingsStore(pool: Pool): SettingsStore {
  return {
    ...createSiteStore(pool),
    ...createTrackerStore(pool),
    ...createNumberStore(pool),
    ...createKeyStore(pool),
    async read(siteId): Promise<SettingsRows> {
      const of = (column: string) => `($1::uuid is null or ${column} = $1)`;
      const [sites, trackers, numbers, keys] = await Promise.all([
        siteRows(pool, of('id'), [siteId]),
        trackerRows(pool, of('trackers.site_id'), [siteId]),
        rows<TrackingNumber>(pool, `select ${NUMBER_COLUMNS} from numbers where ${of('site_id')}`, [siteId]),
        rows<ApiKey>(pool, `select * from keys where retired_at is null and ${of('site_id')}`, [siteId]),
      ]);
      return { sites, trackers, numbers, keys };
    },
    async sitesOf(kind, names) {
      const found = await rows<{ site_id: string | null }>(pool, SITES_OF[kind], [names]);
      return found.map((row) => row.site_id);
    },
  };
}
