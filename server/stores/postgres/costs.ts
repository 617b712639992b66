import { Problem } from '../../lib/errors.js';
import { sqlFile } from '../../lib/sql.js';
import type { DeriveChannel } from '../channels.js';
import type { CostFilter, CostStore, StoredCost } from '../costs.js';
import type { ChannelRule } from '../settings.js';
import { costChannels } from './cost-channels.js';
import { inTransaction, type Pool } from './pool.js';

const SAVE = sqlFile(import.meta.url, './sql/save-costs.sql');

const CHOSEN = `($1::uuid is null or site_id = $1)
  and ($2::date is null or day >= $2)
  and ($3::date is null or day <= $3)
  and ($4::text is null or source = $4)`;

const chosen = ({ siteId, startDate, endDate, source }: CostFilter) => [siteId, startDate, endDate, source];

/** Costs in Postgres, their channels derived by `derive`. */
export function createCostStore(pool: Pool, derive: DeriveChannel): CostStore {
  return {
    save: (site, costs) =>
      inTransaction(pool, async (client) => {
        // Whoever changes the currency or the rules waits, and then sees these costs.
        const same = await client.query<{ channel_rules: ChannelRule[] }>(
          'select channel_rules from sites where id = $1 and currency = $2 for share',
          [site.id, site.currency],
        );
        const [found] = same.rows;
        if (!found) throw new Problem('conflict', 'The site has just been changed.');
        const channelOf = costChannels(derive, found.channel_rules);
        const told = costs.map((cost) => ({ ...cost, channel: channelOf(cost) }));
        await client.query(SAVE, [site.id, site.currency, JSON.stringify(told)]);
      }),
    async list(filter, { after, limit }) {
      const { rows } = await pool.query<StoredCost>(
        `select
          site_id,
          to_char(day, 'YYYY-MM-DD') as date,
          source,
          medium,
          campaign,
          keyword,
          cost,
          currency,
          clicks,
          impressions,
          channel,
          updated_at
        from costs
        where ${CHOSEN}
          and (
            $5::uuid is null
            or (site_id, day, source, medium, campaign, keyword) > ($5, $6::date, $7, $8, $9, $10)
          )
        order by site_id, day, source, medium, campaign, keyword
        limit $11`,
        [
          ...chosen(filter),
          ...[after?.site_id, after?.date, after?.source, after?.medium, after?.campaign, after?.keyword],
          limit,
        ],
      );
      return rows;
    },
    async remove(filter) {
      await pool.query(`delete from costs where ${CHOSEN}`, chosen(filter));
    },
  };
}
