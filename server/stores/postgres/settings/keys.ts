import type { ApiKey, KeyStore } from '../../settings.js';
import { inTransaction, type Pool } from '../pool.js';
import { announce, assignments, listed, rows } from './rows.js';

/** API keys in Postgres, by their hashes. */
export function createKeyStore(pool: Pool): KeyStore {
  return {
    async key(id) {
      return (await rows<ApiKey>(pool, 'select * from keys where id = $1', [id]))[0] ?? null;
    },
    listKeys(page, siteId) {
      const { where, values } = listed('keys', 'id', page, siteId);
      return rows<ApiKey>(pool, `select * from keys where ${where}`, values);
    },
    createKey: (key) =>
      inTransaction(pool, async (client) => {
        const [created] = await rows<ApiKey>(
          client,
          `insert into keys (id, name, scopes, site_id, hash, created_at)
          values ($1, $2, $3, $4, $5, clock_timestamp())
          returning *`,
          [key.id, key.name, key.scopes, key.site_id, key.hash],
        );
        await announce(client, key.site_id);
        return created as ApiKey;
      }),
    updateKey: (id, patch) =>
      inTransaction(pool, async (client) => {
        const { set, values } = assignments(['name', 'scopes'], patch);
        const [changed] = set
          ? await rows<ApiKey>(
              client,
              `update keys set ${set} where id = $1 and retired_at is null returning *`,
              [id, ...values],
            )
          : await rows<ApiKey>(client, 'select * from keys where id = $1 and retired_at is null', [id]);
        if (changed) await announce(client, changed.site_id);
        return changed ?? null;
      }),
    retireKey: (id) =>
      inTransaction(pool, async (client) => {
        const [retired] = await rows<ApiKey>(
          client,
          'update keys set retired_at = clock_timestamp() where id = $1 and retired_at is null returning *',
          [id],
        );
        if (retired) await announce(client, retired.site_id);
        return retired !== undefined;
      }),
  };
}
