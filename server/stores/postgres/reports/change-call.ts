import { Problem } from '../../../lib/errors.js';
import type { CallPatch, TagChange, TaggedCall } from '../../reports.js';
import { inTransaction, type Pool } from '../pool.js';
import { parameters } from './parameters.js';

const MOST_TAGS = 100;

const WRITTEN = ['note', 'value', 'lead_status', 'customer_name', 'spam'] as const;

/** The tags that a call has after a change, each once, in the order in which they were given. */
export function tagsAfter(before: string[], { tags, append_tags = [] }: CallPatch): string[] {
  return [...new Set([...(tags ?? before), ...append_tags])];
}

/** Whether a call may not have so many tags; one that has more already may keep as many. */
const isTooMany = (after: string[], before: string[]): boolean =>
  after.length > Math.max(MOST_TAGS, before.length);

/** Writes what people say of a call; the row is locked, so that two who append a tag each do not lose one. */
export const changeCall = (pool: Pool, id: string, patch: CallPatch): Promise<boolean> =>
  inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ tags: string[] }>(
      'select tags from calls where id = $1 for update',
      [id],
    );
    const [before] = rows;
    if (!before) return false;
    const tags = tagsAfter(before.tags, patch);
    if (isTooMany(tags, before.tags)) {
      throw new Problem('invalid_request', `A call carries at most ${MOST_TAGS} tags.`);
    }
    const { values, add } = parameters();
    const call = add(id);
    const named = WRITTEN.filter((column) => patch[column] !== undefined);
    const set = [
      `tags = ${add(tags)}::text[]`,
      ...named.map((column) => `${column} = ${add(patch[column])}`),
      'updated_at = clock_timestamp()',
    ];
    await client.query(
      `update calls
      set ${set.join(',\n        ')}
      where id = ${call}`,
      values,
    );
    return true;
  });

/**
 * Takes tags off calls and puts others on, in one transaction; of the site only, null: of any. Calls that are not there
 * are left out of the answer, and one that would carry too many tags stays as it is. Rows are locked by id, so that two
 * who change the same calls wait for each other in one order.
 */
export const changeTags = (
  pool: Pool,
  ids: string[],
  siteId: string | null,
  { add = [], remove = [] }: TagChange,
): Promise<TaggedCall[]> =>
  inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ id: string; tags: string[] }>(
      `select id, tags
      from calls
      where id = any($1::uuid[])
        and ($2::uuid is null or site_id = $2)
      order by id
      for update`,
      [ids, siteId],
    );
    const results = rows.map(({ id, tags: before }): TaggedCall => {
      const kept = before.filter((tag) => !remove.includes(tag));
      const tags = tagsAfter(kept, { append_tags: add });
      return isTooMany(tags, before)
        ? { id, result: 'too_many_tags', tags: before }
        : { id, result: 'ok', tags };
    });
    await client.query(
      `update calls
      set tags = given.tags,
        updated_at = clock_timestamp()
      from jsonb_to_recordset($1::jsonb) as given(id uuid, tags text[])
      where calls.id = given.id
        and calls.tags <> given.tags`,
      [JSON.stringify(results)],
    );
    return results;
  });
