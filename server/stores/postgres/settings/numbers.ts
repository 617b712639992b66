import { Problem } from '../../../lib/errors.js';
import type { NumberStore, TrackingNumber } from '../../settings.js';
import { type Client, inTransaction, type Pool } from '../pool.js';
import { addNumbers, removeNumbers } from '../pool-membership.js';
import { lockSites, refuseLoops } from './check-loops.js';
import { announce, listed, NUMBER_COLUMNS, rows } from './rows.js';

/** Locks the site that has the number, and others with it. The site, as it was before. */
async function lockSiteOf(client: Client, number: string, ...others: string[]): Promise<string | undefined> {
  const [found] = await rows<TrackingNumber>(client, 'select site_id from numbers where number = $1', [
    number,
  ]);
  await lockSites(client, ...others, ...(found ? [found.site_id] : []));
  return found?.site_id;
}

/** Tracking numbers in Postgres, one by one. */
export function createNumberStore(pool: Pool): NumberStore {
  return {
    async number(number) {
      const found = await rows<TrackingNumber>(
        pool,
        `select ${NUMBER_COLUMNS} from numbers where number = $1`,
        [number],
      );
      return found[0] ?? null;
    },
    listNumbers(page, siteId) {
      const { where, values } = listed('numbers', 'number', page, siteId);
      return rows<TrackingNumber>(
        pool,
        `select number, site_id, tracker_id, created_at, retired_at from numbers where ${where}`,
        values,
      );
    },
    addNumber: (number, to) =>
      inTransaction(pool, async (client) => {
        await lockSites(client, to.site_id);
        const [added] = await addNumbers(client, [number], to);
        await refuseLoops(client, to.site_id, { number }, () => 'id');
        await announce(client, to.site_id);
        return added as TrackingNumber;
      }),
    moveNumber: (number, to) =>
      inTransaction(pool, async (client) => {
        const from = await lockSiteOf(client, number, to.site_id);
        const [before] = await rows<TrackingNumber>(
          client,
          'select number, site_id, tracker_id from numbers where number = $1 and retired_at is null for update',
          [number],
        );
        if (!before) return null;
        if (before.site_id !== from)
          throw new Problem('conflict', 'The number has just been moved elsewhere.');
        if (before.tracker_id === to.id)
          throw new Problem('conflict', 'The number is in that tracker already.');
        await removeNumbers(client, [number]);
        const [moved] = await addNumbers(client, [number], to, true);
        await refuseLoops(client, to.site_id, { number }, () => 'tracker_id');
        for (const site of new Set([before.site_id, to.site_id])) await announce(client, site);
        return moved as TrackingNumber;
      }),
    retireNumber: (number) =>
      inTransaction(pool, async (client) => {
        await lockSiteOf(client, number);
        const [before] = await rows<TrackingNumber>(
          client,
          'select site_id from numbers where number = $1 and retired_at is null',
          [number],
        );
        if (!before) return false;
        await removeNumbers(client, [number]);
        await announce(client, before.site_id);
        return true;
      }),
  };
}
