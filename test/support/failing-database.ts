import type { Queryable } from '../../server/stores/postgres/pool.js';

/** An error as Postgres sends it. */
export const sqlError = (code: string): Error => Object.assign(new Error(`SQLSTATE ${code}`), { code });

export interface FailingDatabase {
  db: Queryable;
  /** The next queries of that name fail so, in turn, without reaching the database. */
  failNext: (name: string, ...errors: Error[]) => void;
}

/** A database some of whose named queries fail. */
export function failingDatabase(real: Queryable): FailingDatabase {
  const failures = new Map<string, Error[]>();
  const query = async (...given: [{ name?: string }]) => {
    const failure = failures.get(given[0]?.name ?? '')?.shift();
    if (failure) throw failure;
    return real.query(...(given as unknown as Parameters<Queryable['query']>));
  };
  return {
    db: { query } as unknown as Queryable,
    failNext: (name, ...errors) => failures.set(name, errors),
  };
}
