import { Problem } from '../../../lib/errors.js';
import type { CallPatch } from '../../reports.js';
import { inTransaction, type Pool } from '../pool.js';
import { parameters } from './parameters.js';

const MOST_TAGS = 100;

const WRITTEN = ['note', 'value', 'lead_status', 'customer_name', 'spam'] as const;

/** The tags that a call has after a change, each once, in the order in which they were given. */
export function tagsAfter(before: string[], { tags, append_tags = [] }: CallPatch): string[] {
  return [...new Set([...(tags ?? before), ...append_tags])];
}

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
    if (tags.length > Math.max(MOST_TAGS, before.tags.length)) {
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
