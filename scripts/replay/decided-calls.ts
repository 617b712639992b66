import type { Pool } from '../../server/stores/postgres/pool.js';

/** A call with the decision that counts now, and the facts that it was made of. */
export interface DecidedCall {
  id: string;
  provider: string;
  provider_call_id: string;
  tracker_id: string;
  started_at: Date;
  prior_calls: number;
  method: string;
  confidence: number;
  visitor_id: string | null;
  session_id: string | null;
  rule_version: number;
  facts: unknown;
  /** Of the named session, or of the source tracker; null: of nobody. */
  source: string | null;
}

const PIECE = 500;

/** The calls of a site that began in the period, oldest first. */
export async function* decidedCalls(
  db: Pool,
  siteId: string,
  { from, until }: { from: Date; until: Date },
): AsyncGenerator<DecidedCall> {
  let after: { at: Date; id: string } = { at: from, id: '00000000-0000-0000-0000-000000000000' };
  for (;;) {
    const { rows } = await db.query<DecidedCall>(
      `select calls.id, calls.provider, calls.provider_call_id, calls.tracker_id, calls.started_at, calls.prior_calls,
        calls.source, latest.method, latest.confidence, latest.visitor_id, latest.session_id, latest.rule_version,
        latest.facts
      from calls
      cross join lateral (
        select *
        from attributions
        where attributions.call_id = calls.id
        order by decided_at desc, id desc
        limit 1
      ) as latest
      where calls.site_id = $1
        and (calls.started_at, calls.id) > ($2, $3)
        and calls.started_at < $4
      order by calls.started_at, calls.id
      limit $5`,
      [siteId, after.at, after.id, until, PIECE],
    );
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < PIECE) return;
    after = { at: last.started_at, id: last.id };
  }
}

/** Where sessions came from. */
export async function sourcesOf(db: Pool, siteId: string, sessions: string[]): Promise<Map<string, string>> {
  const { rows } = await db.query<{ id: string; source: string }>(
    'select id, source from sessions where id = any ($2) and site_id = $1',
    [siteId, sessions],
  );
  return new Map(rows.map(({ id, source }) => [id, source]));
}
