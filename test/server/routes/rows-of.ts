import pg from 'pg';
import type { Loose } from '../../support/api.js';
import type { TestServer } from '../../support/server-process.js';

/** Asks the database of a server that has one beside it. */
export async function rowsOf(
  server: Pick<TestServer, 'stores'>,
  text: string,
  values: unknown[] = [],
): Promise<Loose[]> {
  const client = new pg.Client(server.stores.DATABASE_URL);
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** How many rows a site has in each of these tables. */
export async function countsOf(
  server: Pick<TestServer, 'stores'>,
  siteId: string,
  tables: readonly string[] = [
    'visitors',
    'sessions',
    'page_views',
    'touches',
    'leases',
    'taps',
    'leads',
    'codes',
  ],
): Promise<Record<string, number>> {
  const parts = tables.map((table) => `(select count(*)::int from ${table} where site_id = $1) as ${table}`);
  const [counts] = await rowsOf(server, `select ${parts.join(', ')}`, [siteId]);
  return counts;
}
