import type { ApiKey, SettingsRows, SettingsStore, TrackingNumber } from '../../settings.js';
import type { Pool } from '../pool.js';
import { createKeyStore } from './keys.js';
import { createNumberStore } from './numbers.js';
import { NUMBER_COLUMNS, rows, siteRows, trackerRows } from './rows.js';
import { createSiteStore } from './sites.js';
import { createTrackerStore } from './trackers.js';

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
  };
}
