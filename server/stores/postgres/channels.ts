import type { ChannelStore, DeriveChannel, StoredArrival } from '../channels.js';
import { claimWork, keepPlace, type Work } from './channel-derivations.js';
import { deriveCosts } from './cost-channels.js';
import { texts, uuids } from './lists.js';
import { type Client, inTransaction, type Pool } from './pool.js';
import { againAfterCollision } from './retry.js';

/** Rows that are looked at in one transaction; visits and calls may have to wait for those of them that change. */
const PIECE = 500;

interface Row extends StoredArrival {
  id: string;
  channel: string | null;
  /** What the row must still say when it is written; null: it says the same for ever. */
  second: string | null;
}

const OF_ARRIVAL = [
  'source',
  'medium',
  'campaign',
  'landing_page_url',
  'referring_url',
  'click_ids',
  'channel',
];
const arrivalOf = (table: string) => OF_ARRIVAL.map((column) => `${table}.${column}`).join(', ');

/** The next visits or calls of a site, in the order of an index that is there. */
const next = (
  table: 'sessions' | 'calls',
  columns: string,
  joined = '',
): string => `select ${table}.id, ${columns}
  from ${table}
  ${joined}
  where ${table}.site_id = $1
    and (${table}.started_at, ${table}.id) > ($2::timestamptz, $3::uuid)
  order by ${table}.started_at, ${table}.id
  limit ${PIECE}`;

const SESSIONS = next('sessions', `sessions.visitor_id, null as second, ${arrivalOf('sessions')}`);

const TOUCHES = `select touches.id, null as second, ${arrivalOf('touches')}
  from unnest($1::uuid[], $2::uuid[]) as session(id, visitor_id)
  join touches on touches.visitor_id = session.visitor_id
    and touches.session_id = session.id`;

const CALLS = next(
  'calls',
  `calls.updated_at::text as second, calls.source, calls.medium, calls.campaign, calls.channel,
    coalesce(session.landing_page_url, calls.landing_page) as landing_page_url, session.referring_url,
    session.click_ids`,
  `left join sessions as session on session.id = calls.session_id
    and session.site_id = calls.site_id`,
);

const CALL_TOUCHES = `select call_id as id, touch_id as second, ${arrivalOf('call_touches')}
  from call_touches
  where call_id = any($1::uuid[])`;

/** Rows are locked in the order of their ids, as everywhere. */
function write(table: string, key: string, second?: { column: string; type: string }): string {
  const isSame = (of: string) =>
    second ? `\n      and ${table}.${second.column} = ${of}.second::${second.type}` : '';
  return `with changed as materialized (
    select given.*
    from unnest($1::uuid[], $2::text[], $3::text[]) as given(id, channel, second)
    join ${table} on ${table}.${key} = given.id${isSame('given')}
    order by given.id
    for update of ${table}
  )
  update ${table}
  set channel = changed.channel
  from changed
  where ${table}.${key} = changed.id${isSame('changed')}`;
}

const WRITE = {
  sessions: write('sessions', 'id'),
  touches: write('touches', 'id'),
  // Not over a decision that came meanwhile, nor over the touches that came with it.
  calls: write('calls', 'id', { column: 'updated_at', type: 'timestamptz' }),
  call_touches: write('call_touches', 'call_id', { column: 'touch_id', type: 'uuid' }),
};

const placeOf = ({ site_id, after_at, after_id }: Work): string[] => [site_id, after_at, after_id];
const lastOf = (rows: Row[]): string | null => (rows.length === PIECE ? (rows.at(-1) as Row).id : null);

/** Channels in Postgres, derived anew by `derive`. */
export function createChannelStore(pool: Pool, derive: DeriveChannel): ChannelStore {
  async function correct(client: Client, work: Work, table: keyof typeof WRITE, rows: Row[]): Promise<void> {
    const changed: (Row & { derived: string })[] = [];
    for (const row of rows) {
      const derived = derive(work.rules, row);
      if (row.channel !== derived) changed.push({ ...row, derived });
    }
    if (changed.length === 0) return;
    await client.query(WRITE[table], [
      uuids(changed.map(({ id }) => id)),
      texts(changed.map(({ derived }) => derived)),
      texts(changed.map(({ second }) => second)),
    ]);
  }

  async function sessions(client: Client, work: Work): Promise<string | null> {
    const { rows } = await client.query<Row & { visitor_id: string }>(SESSIONS, placeOf(work));
    await correct(client, work, 'sessions', rows);
    const touches = await client.query<Row>(TOUCHES, [
      uuids(rows.map(({ id }) => id)),
      uuids(rows.map(({ visitor_id }) => visitor_id)),
    ]);
    await correct(client, work, 'touches', touches.rows);
    return lastOf(rows);
  }

  async function calls(client: Client, work: Work): Promise<string | null> {
    const { rows } = await client.query<Row>(CALLS, placeOf(work));
    // What names no source has no channel.
    const named = rows.filter(({ source }) => source !== null);
    await correct(client, work, 'calls', named);
    const touches = await client.query<Row>(CALL_TOUCHES, [uuids(rows.map(({ id }) => id))]);
    await correct(client, work, 'call_touches', touches.rows);
    return lastOf(rows);
  }

  const costs = (client: Client, work: Work) => deriveCosts(client, work, derive, PIECE);

  const steps = { sessions, calls, costs };
  return {
    deriveSome: () =>
      againAfterCollision(() =>
        inTransaction(pool, async (client) => {
          const work = await claimWork(client);
          if (!work) return false;
          await keepPlace(client, work, await steps[work.step](client, work));
          return true;
        }),
      ),
  };
}
