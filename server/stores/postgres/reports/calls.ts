import type { CallFilter, ListedCall, ListPosition, ReportedCall } from '../../reports.js';
import type { Queryable } from '../pool.js';
import { readCalls } from './call-rows.js';
import { callConditions } from './conditions.js';
import { creditedCalls } from './credit.js';
import { parameters } from './parameters.js';

/** A page of calls, newest first; the position is compared as a whole, so a page costs the same wherever it lies. */
export function listCalls(
  db: Queryable,
  filter: CallFilter,
  { after, limit }: { after: ListPosition | null; limit: number },
): Promise<ListedCall[]> {
  const given = parameters();
  const { add } = given;
  const minConfidence = add(filter.minConfidence);
  const conditions = callConditions(filter, add);
  if (after) {
    conditions.push(
      `(calls.started_at, calls.id) < (${add(after.time)}::timestamptz, ${add(after.id)}::uuid)`,
    );
  }
  const chosen = `select calls.id
    from ${creditedCalls(minConfidence)}
    where ${conditions.join('\n      and ')}
    order by calls.started_at desc, calls.id desc
    limit ${add(limit)}`;
  return readCalls(db, given, chosen, minConfidence);
}

export async function readCall(db: Queryable, id: string): Promise<ReportedCall | null> {
  const given = parameters();
  const own = given.add(null);
  const [found] = await readCalls(db, given, `select id from calls where id = ${given.add(id)}`, own);
  return found?.call ?? null;
}

/** The calls that name a session; none of them began before it. */
export async function callsOfSession(
  db: Queryable,
  session: { id: string; site_id: string },
): Promise<ReportedCall[]> {
  const given = parameters();
  const own = given.add(null);
  const id = given.add(session.id);
  const chosen = `select calls.id
    from sessions
    join calls on calls.site_id = sessions.site_id
      and calls.started_at >= sessions.started_at
      and calls.session_id = sessions.id
    where sessions.id = ${id}`;
  return (await readCalls(db, given, chosen, own)).map(({ call }) => call);
}
