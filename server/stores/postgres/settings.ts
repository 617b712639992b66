import { Problem } from '../../lib/errors.js';
import { sqlFile } from '../../lib/sql.js';
import type {
  ApiKey,
  Page,
  SettingsRows,
  SettingsStore,
  Site,
  Tracker,
  TrackingNumber,
} from '../settings.js';
import { type Client, inTransaction, type Pool, type Queryable } from './pool.js';
import { addNumbers, removeNumbers } from './pool-membership.js';

const TRACKERS = sqlFile(import.meta.url, './sql/read-trackers.sql');

/** The channel on which servers tell each other that a site's settings have changed. */
export const SETTINGS_CHANNEL = 'dni_settings';

const SITE_COLUMNS = [
  'name',
  'time_zone',
  'default_region',
  'allowed_origins',
  'min_confidence',
  'qualified_seconds',
  'excluded_addresses',
  'excluded_hosts',
  'providers',
] as const;

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

/** Objects go to jsonb columns as JSON text; lists of text stay Postgres arrays. */
const value = (given: unknown): unknown =>
  given !== null && typeof given === 'object' && !Array.isArray(given) ? JSON.stringify(given) : given;

/** The set clause for the columns that a patch names, and its values; $1 is the id. */
function assignments(columns: readonly string[], patch: object): { set: string; values: unknown[] } {
  const given = patch as Record<string, unknown>;
  const named = columns.filter((column) => given[column] !== undefined);
  return {
    set: named.map((column, at) => `${column} = $${at + 2}`).join(', '),
    values: named.map((column) => value(given[column])),
  };
}

const announce = (client: Client, siteId: string | null) =>
  client.query('select pg_notify($1, $2)', [SETTINGS_CHANNEL, siteId ?? '']);

/** Settings in Postgres. Every change is announced to the other servers by the same transaction. */
export function createSettingsStore(pool: Pool): SettingsStore {
  async function rows<T extends object>(db: Queryable, text: string, values: unknown[]): Promise<T[]> {
    return (await db.query<T>(text, values)).rows;
  }

  const sites = (db: Queryable, where: string, values: unknown[]) =>
    rows<Site>(db, `select * from sites where ${where}`, values);
  const trackers = (db: Queryable, where: string, values: unknown[]) =>
    rows<Tracker>(db, `${TRACKERS} where ${where}`, values);
  const tracker = async (db: Queryable, id: string) =>
    (await trackers(db, 'trackers.id = $1', [id]))[0] as Tracker;

  /** A page of what is not retired, of one site or all, in the order of the ids. */
  function listed(table: string, idColumn: string, page: Page, siteId: string | null) {
    const where = `${table}.retired_at is null
      and ($1::text is null or ${table}.${idColumn} > $1::${idColumn === 'number' ? 'text' : 'uuid'})
      and ($2::uuid is null or ${table}.${table === 'sites' ? 'id' : 'site_id'} = $2)
      order by ${table}.${idColumn}
      limit $3`;
    return { where, values: [page.after, siteId, page.limit] };
  }

  return {
    async read(siteId): Promise<SettingsRows> {
      const of = (column: string) => `($1::uuid is null or ${column} = $1)`;
      const [siteRows, trackerRows, numberRows, keyRows] = await Promise.all([
        sites(pool, of('id'), [siteId]),
        trackers(pool, of('trackers.site_id'), [siteId]),
        rows<TrackingNumber>(
          pool,
          `select number, site_id, tracker_id, created_at, retired_at from numbers where ${of('site_id')}`,
          [siteId],
        ),
        rows<ApiKey>(pool, `select * from keys where retired_at is null and ${of('site_id')}`, [siteId]),
      ]);
      return { sites: siteRows, trackers: trackerRows, numbers: numberRows, keys: keyRows };
    },

    listSites(page, siteId) {
      const { where, values } = listed('sites', 'id', page, siteId);
      return sites(pool, where, values);
    },
    createSite: (site) =>
      inTransaction(pool, async (client) => {
        const columns = ['id', 'key', ...SITE_COLUMNS];
        const marks = columns.map((_, at) => `$${at + 1}`).join(', ');
        const values = columns.map((column) => value(site[column as keyof typeof site]));
        const [created] = await rows<Site>(
          client,
          `insert into sites (${columns.join(', ')}, created_at)
          values (${marks}, clock_timestamp())
          returning *`,
          values,
        );
        await announce(client, site.id);
        return created as Site;
      }),
    updateSite: (id, patch) =>
      inTransaction(pool, async (client) => {
        const { set, values } = assignments(SITE_COLUMNS, patch);
        const changed = set
          ? await rows<Site>(
              client,
              `update sites set ${set} where id = $1 and retired_at is null returning *`,
              [id, ...values],
            )
          : await sites(client, 'id = $1 and retired_at is null', [id]);
        await announce(client, id);
        return changed[0] ?? null;
      }),
    retireSite: (id) =>
      inTransaction(pool, async (client) => {
        const retired = await client.query(
          'update sites set retired_at = clock_timestamp() where id = $1 and retired_at is null',
          [id],
        );
        const numbers = await rows<TrackingNumber>(
          client,
          'select number from numbers where site_id = $1 and retired_at is null',
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
        return retired.rowCount === 1;
      }),

    listTrackers(page, siteId) {
      const { where, values } = listed('trackers', 'id', page, siteId);
      return trackers(pool, where, values);
    },
    createTracker: (given) =>
      inTransaction(pool, async (client) => {
        const columns = ['id', 'site_id', 'type', ...TRACKER_COLUMNS];
        const marks = columns.map((_, at) => `$${at + 1}`).join(', ');
        const values = columns.map((column) => value(given[column as keyof typeof given]));
        await client.query(
          `insert into trackers (${columns.join(', ')}, pool_version, created_at)
          values (${marks}, 1, clock_timestamp())`,
          values,
        );
        await addNumbers(client, given.numbers, given);
        await announce(client, given.site_id);
        return tracker(client, given.id);
      }),
    updateTracker: (id, patch) =>
      inTransaction(pool, async (client) => {
        const { set, values } = assignments(TRACKER_COLUMNS, patch);
        const found = await client.query(
          'select from trackers where id = $1 and retired_at is null for update',
          [id],
        );
        if (found.rowCount === 0) return null;
        if (set) await client.query(`update trackers set ${set} where id = $1`, [id, ...values]);
        const before = await tracker(client, id);
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
        await announce(client, before.site_id);
        return tracker(client, id);
      }),
    retireTracker: (id) =>
      inTransaction(pool, async (client) => {
        const [retired] = await rows<Tracker>(
          client,
          `update trackers set retired_at = clock_timestamp() where id = $1 and retired_at is null returning *`,
          [id],
        );
        if (!retired) return false;
        await removeNumbers(client, (await tracker(client, id)).numbers);
        await announce(client, retired.site_id);
        return true;
      }),

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
        const [added] = await addNumbers(client, [number], to);
        await announce(client, to.site_id);
        return added as TrackingNumber;
      }),
    moveNumber: (number, to) =>
      inTransaction(pool, async (client) => {
        const [before] = await rows<TrackingNumber>(
          client,
          'select number, tracker_id from numbers where number = $1 and retired_at is null for update',
          [number],
        );
        if (!before) return null;
        if (before.tracker_id === to.id)
          throw new Problem('conflict', 'The number is in that tracker already.');
        await removeNumbers(client, [number]);
        const [moved] = await addNumbers(client, [number], to);
        await announce(client, to.site_id);
        return moved as TrackingNumber;
      }),
    retireNumber: (number) =>
      inTransaction(pool, async (client) => {
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
