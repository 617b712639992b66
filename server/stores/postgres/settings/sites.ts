import { Problem } from '../../../lib/errors.js';
import type { Site, SiteStore, TrackingNumber } from '../../settings.js';
import { changeRules } from '../channel-derivations.js';
import { type Client, inTransaction, type Pool } from '../pool.js';
import { removeNumbers } from '../pool-membership.js';
import { announce, assignments, listed, rows, siteRows, value } from './rows.js';

const SITE_COLUMNS = [
  'name',
  'time_zone',
  'default_region',
  'allowed_origins',
  'min_confidence',
  'qualified_seconds',
  'currency',
  'excluded_addresses',
  'excluded_hosts',
  'providers',
] as const;

/** What was counted in one currency is no sum in another. */
async function refuseOtherCosts(client: Client, siteId: string, currency: string): Promise<void> {
  const [cost] = await rows<{ currency: string }>(
    client,
    'select currency from costs where site_id = $1 and currency <> $2 limit 1',
    [siteId, currency],
  );
  if (cost) {
    throw new Problem(
      'conflict',
      `The site has costs in ${cost.currency}; delete them before you change it.`,
    );
  }
}

/** Sites in Postgres. */
export function createSiteStore(pool: Pool): SiteStore {
  return {
    listSites(page, siteId) {
      const { where, values } = listed('sites', 'id', page, siteId);
      return siteRows(pool, where, values);
    },
    createSite: (site) =>
      inTransaction(pool, async (client) => {
        const columns = ['id', 'key', ...SITE_COLUMNS, 'channel_rules'];
        const marks = columns.map((_, at) => `$${at + 1}`).join(', ');
        const given = { ...site, channel_rules: JSON.stringify(site.channel_rules) };
        const values = columns.map((column) => value(given[column as keyof typeof given]));
        await client.query(
          `insert into sites (${columns.join(', ')}, created_at)
          values (${marks}, clock_timestamp())`,
          values,
        );
        await announce(client, site.id);
        const [created] = await siteRows(client, 'id = $1', [site.id]);
        return created as Site;
      }),
    updateSite: (id, patch) =>
      inTransaction(pool, async (client) => {
        const { set, values } = assignments(SITE_COLUMNS, patch);
        if (set) {
          await client.query(`update sites set ${set} where id = $1 and retired_at is null`, [id, ...values]);
        }
        if (patch.currency !== undefined) await refuseOtherCosts(client, id, patch.currency);
        if (patch.channel_rules) await changeRules(client, id, patch.channel_rules);
        await announce(client, id);
        const [changed] = await siteRows(client, 'id = $1 and retired_at is null', [id]);
        return changed ?? null;
      }),
    retireSite: (id) =>
      inTransaction(pool, async (client) => {
        const retired = await client.query(
          'update sites set retired_at = clock_timestamp() where id = $1 and retired_at is null',
          [id],
        );
        const numbers = await rows<TrackingNumber>(
          client,
          'select number, tracker_id from numbers where site_id = $1 and retired_at is null',
          [id],
        );
        await removeNumbers(
          client,
          numbers.map((row) => row.number),
        );
        await client.query(
          'update trackers set retired_at = clock_timestamp() where site_id = $1 and retired_at is null',
          [id],
        );
        await client.query(
          'update keys set retired_at = clock_timestamp() where site_id = $1 and retired_at is null',
          [id],
        );
        await announce(client, id);
        return retired.rowCount === 1 ? numbers : null;
      }),
  };
}
