import { newId } from '../../../lib/ids.js';
import { inTransaction, type Pool } from '../pool.js';

/**
 * Keeps the hash of an admin key where there is none at all yet. Says whether it did: of several servers that start
 * at once on an empty database one does.
 */
export const addFirstAdminKey = (pool: Pool, hash: string): Promise<boolean> =>
  inTransaction(pool, async (client) => {
    await client.query('lock table keys in share row exclusive mode');
    const added = await client.query(
      `insert into keys (id, name, scopes, hash, created_at)
      select $1, 'first admin key', '{admin}', $2, clock_timestamp()
      where not exists (
        select
        from keys
        where site_id is null
          and retired_at is null
          and 'admin' = any(scopes)
      )`,
      [newId(), hash],
    );
    return added.rowCount === 1;
  });
