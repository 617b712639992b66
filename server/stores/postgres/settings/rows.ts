import { sqlFile } from '../../../lib/sql.js';
import type { Page, Site, Tracker } from '../../settings.js';
import type { Client, Queryable } from '../pool.js';

const TRACKERS = sqlFile(import.meta.url, '../sql/read-trackers.sql');

/** The channel on which servers tell each other that a site's settings have changed. */
export const SETTINGS_CHANNEL = 'dni_settings';

export const NUMBER_COLUMNS = 'number, site_id, tracker_id, created_at, retired_at';

/** Objects go to jsonb columns as JSON text; lists of text stay Postgres arrays. */
export const value = (given: unknown): unknown =>
  given !== null && typeof given === 'object' && !Array.isArray(given) ? JSON.stringify(given) : given;

/** The set clause for the columns that a patch names, and its values; $1 is the id. */
export function assignments(columns: readonly string[], patch: object): { set: string; values: unknown[] } {
  const given = patch as Record<string, unknown>;
  const named = columns.filter((column) => given[column] !== undefined);
  return {
    set: named.map((column, at) => `${column} = $${at + 2}`).join(', '),
    values: named.map((column) => value(given[column])),
  };
}

/** Tells the other servers, once the transaction is committed. */
export const announce = (client: Client, siteId: string | null) =>
  client.query('select pg_notify($1, $2)', [SETTINGS_CHANNEL, siteId ?? '']);

export async function rows<T extends object>(db: Queryable, text: string, values: unknown[]): Promise<T[]> {
  return (await db.query<T>(text, values)).rows;
}

export const siteRows = (db: Queryable, where: string, values: unknown[]) =>
  rows<Site>(
    db,
    `select
      sites.*,
      not exists (
        select from channel_derivations where site_id = sites.id and derived_at is null
      ) as channels_derived
    from sites
    where ${where}`,
    values,
  );

export const trackerRows = (db: Queryable, where: string, values: unknown[]) =>
  rows<Tracker>(db, `${TRACKERS} where ${where}`, values);

/** A tracker that is known to be there, retired or not. */
export const trackerRow = async (db: Queryable, id: string) =>
  (await trackerRows(db, 'trackers.id = $1', [id]))[0] as Tracker;

/** A page of what is not retired, of one site or all, in the order of the ids. */
export function listed(table: string, idColumn: string, page: Page, siteId: string | null) {
  const where = `${table}.retired_at is null
    and ($1::text is null or ${table}.${idColumn} > $1::${idColumn === 'number' ? 'text' : 'uuid'})
    and ($2::uuid is null or ${table}.${table === 'sites' ? 'id' : 'site_id'} = $2)
    order by ${table}.${idColumn}
    limit $3`;
  return { where, values: [page.after, siteId, page.limit] };
}
