import type { ListPosition } from '../../stores/reports.js';

interface Listed {
  position: ListPosition;
}

/** Reads at most `limit` rows of a list, those after a position. */
type Read<T> = (page: { after: ListPosition | null; limit: number }) => Promise<T[]>;

/** How many rows are read at once for an export. */
const BATCH = 500;

/** A page of a list, and where it ended if more follow. */
export async function readPage<T extends Listed>(
  read: Read<T>,
  page: { after: ListPosition | null; limit: number },
): Promise<{ rows: T[]; next: ListPosition | null }> {
  // One more than asked for tells whether there is more.
  const found = await read({ ...page, limit: page.limit + 1 });
  const rows = found.slice(0, page.limit);
  return { rows, next: found.length > page.limit ? (rows.at(-1)?.position ?? null) : null };
}

/** All rows from a position on, read batch by batch. The first batch is read at once, so that its failure is told. */
export async function readAll<T extends Listed>(
  read: Read<T>,
  after: ListPosition | null,
): Promise<AsyncGenerator<T>> {
  const first = await read({ after, limit: BATCH });
  return (async function* () {
    let batch = first;
    for (;;) {
      yield* batch;
      const last = batch.at(-1);
      if (!last || batch.length < BATCH) return;
      batch = await read({ after: last.position, limit: BATCH });
    }
  })();
}
