import type { Tracker, TrackerStore } from '../../settings.js';
import { type Client, inTransaction, type Pool } from '../pool.js';
import { addNumbers, removeNumbers } from '../pool-membership.js';
import { fieldOf, lockSites, refuseLoops } from './check-loops.js';
import { announce, assignments, listed, rows, trackerRow, trackerRows, value } from './rows.js';

const TRACKER_COLUMNS = [
  'name',
  'targets',
  'destination',
  'match',
  'priority',
  'reservation_seconds',
  'min_reservation_seconds',
  'attribution_days',
  'source',
  'medium',
  'campaign',
] as const;

/** A tracker never changes its site. */
async function lockSiteOf(client: Client, trackerId: string): Promise<void> {
  const [tracker] = await rows<Tracker>(client, 'select site_id from trackers where id = $1', [trackerId]);
  if (tracker) await lockSites(client, tracker.site_id);
}

/** Trackers in Postgres, with their pools. */
export function createTrackerStore(pool: Pool): TrackerStore {
  return {
    async tracker(id) {
      return (await trackerRows(pool, 'trackers.id = $1', [id]))[0] ?? null;
    },
    async countRetired(trackerId) {
      const [counted] = await rows<{ count: number }>(
        pool,
        'select count(*) as count from numbers where tracker_id = $1 and retired_at is not null',
        [trackerId],
      );
      return counted?.count ?? 0;
    },
    listTrackers(page, siteId) {
      const { where, values } = listed('trackers', 'id', page, siteId);
      return trackerRows(pool, where, values);
    },
    createTracker: (given) =>
      inTransaction(pool, async (client) => {
        await lockSites(client, given.site_id);
        const columns = ['id', 'site_id', 'type', ...TRACKER_COLUMNS];
        const marks = columns.map((_, at) => `$${at + 1}`).join(', ');
        const values = columns.map((column) => value(given[column as keyof typeof given]));
        await client.query(
          `insert into trackers (${columns.join(', ')}, pool_version, created_at)
          values (${marks}, 1, clock_timestamp())`,
          values,
        );
        await addNumbers(client, given.numbers, given);
        await refuseLoops(client, given.site_id, { trackerId: given.id }, fieldOf(given.id, given.numbers));
        await announce(client, given.site_id);
        return trackerRow(client, given.id);
      }),
    updateTracker: (id, patch) =>
      inTransaction(pool, async (client) => {
        const { set, values } = assignments(TRACKER_COLUMNS, patch);
        await lockSiteOf(client, id);
        const found = await client.query(
          'select from trackers where id = $1 and retired_at is null for update',
          [id],
        );
        if (found.rowCount === 0) return null;
        if (set) await client.query(`update trackers set ${set} where id = $1`, [id, ...values]);
        const before = await trackerRow(client, id);
        if (patch.numbers) {
          const wanted = new Set(patch.numbers);
          const had = new Set(before.numbers);
          await removeNumbers(
            client,
            before.numbers.filter((number) => !wanted.has(number)),
          );
          await addNumbers(
            client,
            patch.numbers.filter((number) => !had.has(number)),
            before,
          );
        }
        if (patch.numbers || patch.targets || patch.destination) {
          const field = fieldOf(id, patch.numbers ?? before.numbers);
          await refuseLoops(client, before.site_id, { trackerId: id }, field);
        }
        await announce(client, before.site_id);
        return trackerRow(client, id);
      }),
    retireTracker: (id) =>
      inTransaction(pool, async (client) => {
        await lockSiteOf(client, id);
        const [retired] = await rows<Tracker>(
          client,
          `update trackers set retired_at = clock_timestamp() where id = $1 and retired_at is null returning *`,
          [id],
        );
        if (!retired) return false;
        await removeNumbers(client, (await trackerRow(client, id)).numbers);
        await announce(client, retired.site_id);
        return true;
      }),
  };
}
