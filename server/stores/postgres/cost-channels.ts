import { createMemo } from '../../lib/memo.js';
import { sqlFile } from '../../lib/sql.js';
import type { DeriveChannel } from '../channels.js';
import type { Cost } from '../costs.js';
import type { ChannelRule } from '../settings.js';
import type { Work } from './channel-derivations.js';
import type { Client } from './pool.js';

/** More names than costs of one import or one piece have. */
const MOST_NAMES = 10_000;

const NEXT = `select to_char(day, 'YYYY-MM-DD') as date, source, medium, campaign, keyword, channel
  from costs
  where site_id = $1
    and (day, source, medium, campaign, keyword) > ($2::date, $3, $4, $5, $6)
  order by day, source, medium, campaign, keyword
  limit $7`;
const WRITE = sqlFile(import.meta.url, './sql/write-cost-channels.sql');

type Named = Pick<Cost, 'source' | 'medium' | 'campaign'>;
type Key = Named & Pick<Cost, 'date' | 'keyword'>;

/**
 * Tells the channel of costs: that of a session with these names of which nothing else is known, so that rules which ask
 * for a page, a referrer or a click id never fit. Keywords are many, names are few: those are derived once.
 */
export function costChannels(derive: DeriveChannel, rules: readonly ChannelRule[]): (cost: Named) => string {
  const known = createMemo<string>(MOST_NAMES);
  return ({ source, medium, campaign }) =>
    known(JSON.stringify([source, medium, campaign]), () =>
      derive(rules, {
        source,
        medium,
        campaign,
        landing_page_url: null,
        referring_url: null,
        click_ids: null,
      }),
    );
}

/** Derives anew the channels of the next costs of a site, `limit` at most. The place after them; null: that were all. */
export async function deriveCosts(
  client: Client,
  { site_id, rules, after_cost }: Work,
  derive: DeriveChannel,
  limit: number,
): Promise<string[] | null> {
  const { rows } = await client.query<Key & { channel: string | null }>(NEXT, [
    site_id,
    ...after_cost,
    limit,
  ]);
  const channelOf = costChannels(derive, rules);
  const changed = rows.flatMap((row) => {
    const channel = channelOf(row);
    return channel === row.channel ? [] : [{ ...row, channel }];
  });
  if (changed.length > 0) await client.query(WRITE, [site_id, JSON.stringify(changed)]);
  const last = rows.length === limit ? rows.at(-1) : undefined;
  return last ? [last.date, last.source, last.medium, last.campaign, last.keyword] : null;
}
