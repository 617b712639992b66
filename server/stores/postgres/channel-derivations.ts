import type { ChannelRule } from '../settings.js';
import type { Client } from './pool.js';

/** What a site's rows are derived by, and the next of them. */
export interface Work {
  site_id: string;
  rules: ChannelRule[];
  /** Visits come before calls, which copy from them. */
  step: 'sessions' | 'calls' | 'costs';
  /** The second time, which is the last. */
  is_again: boolean;
  after_at: string;
  after_id: string;
  /** Of costs, which have no id: day, source, medium, campaign and keyword. */
  after_cost: string[];
}

const FROM_THE_BEGIN =
  "after_at = '-infinity', after_id = '00000000-0000-0000-0000-000000000000', after_cost = default";

/** What comes after each step. */
const NEXT: Record<Work['step'], string> = {
  sessions: "step = 'calls'",
  calls: "step = 'costs'",
  costs: "step = 'sessions', derived_at = clock_timestamp()",
};

/** Gives a site other rules, by which its rows are to be derived anew; nothing where they are the same. */
export async function changeRules(client: Client, siteId: string, rules: ChannelRule[]): Promise<void> {
  await client.query(
    `with changed as (
      update sites
      set channel_rules = $2,
        channel_version = channel_version + 1
      where id = $1
        and retired_at is null
        and channel_rules <> $2::jsonb
      returning id
    )
    insert into channel_derivations (site_id, changed_at, step, after_at, after_id)
    select id, clock_timestamp(), 'sessions', '-infinity', '00000000-0000-0000-0000-000000000000'
    from changed
    on conflict (site_id) do update
    set changed_at = excluded.changed_at,
      derived_at = null,
      step = 'sessions',
      ${FROM_THE_BEGIN}`,
    [siteId, JSON.stringify(rules)],
  );
}

/**
 * A site with rows to derive that nobody is at, locked until the transaction ends. All of them are looked at again a
 * minute after they were derived: meanwhile another server may have written by the rules of before.
 */
export async function claimWork(client: Client): Promise<Work | null> {
  const { rows } = await client.query<Work>(
    `select
      work.site_id,
      sites.channel_rules as rules,
      work.step,
      work.derived_at is not null as is_again,
      work.after_at::text,
      work.after_id,
      work.after_cost
    from channel_derivations as work
    join sites on sites.id = work.site_id
    where work.derived_at is null
      or work.derived_at < clock_timestamp() - interval '1 minute'
    order by random()
    limit 1
    for update of work skip locked`,
  );
  return rows[0] ?? null;
}

/** Keeps how far the work has come: after this row (of a cost its `after_cost`), or through with the step. */
export async function keepPlace(client: Client, work: Work, last: string | string[] | null): Promise<void> {
  const { site_id, step, is_again } = work;
  if (last !== null) {
    const place =
      step === 'costs'
        ? 'after_cost = $2'
        : `after_at = (select started_at from ${step} where id = $2), after_id = $2`;
    await client.query(`update channel_derivations set ${place} where site_id = $1`, [site_id, last]);
  } else if (step === 'costs' && is_again) {
    await client.query('delete from channel_derivations where site_id = $1', [site_id]);
  } else {
    await client.query(`update channel_derivations set ${NEXT[step]}, ${FROM_THE_BEGIN} where site_id = $1`, [
      site_id,
    ]);
  }
}
