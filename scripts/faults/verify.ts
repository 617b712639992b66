import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { OVERLAPS } from '../overlaps.js';
import type { CallRecord, Ledger } from './ledger.js';
import { ADMIN_KEY } from './shop.js';

/** What waits somewhere has so long to reach Postgres after everything is up again. */
const PATIENCE_MS = 20_000;

/** What was acknowledged ($1, an array of objects) and is not there, by kind. */
const LOST: Record<string, { of: (ledger: Ledger) => unknown[]; sql: string }> = {
  views: {
    of: ({ views }) => views.map((id) => ({ id })),
    sql: `select count(*)::int as count
      from jsonb_to_recordset($1::jsonb) as told(id uuid)
      where not exists (select from page_views where page_views.id = told.id)`,
  },
  taps: {
    of: ({ taps }) => taps,
    sql: `select coalesce(sum(greatest(0, told.count - stored.count)), 0)::int as count
      from (
        select visitor, number, count(*) as count
        from jsonb_to_recordset($1::jsonb) as t(visitor uuid, number text)
        group by visitor, number
      ) as told
      cross join lateral (
        select count(*) as count
        from taps
        where taps.visitor_id = told.visitor
          and taps.number = told.number
      ) as stored`,
  },
  codes: {
    of: ({ codes }) => codes,
    sql: `select count(*)::int as count
      from jsonb_to_recordset($1::jsonb) as told(visitor uuid, code text)
      where not exists (select from codes where codes.visitor_id = told.visitor and codes.code = told.code)`,
  },
  leads: {
    of: ({ leads }) => leads.map((email) => ({ email })),
    sql: `select count(*)::int as count
      from jsonb_to_recordset($1::jsonb) as told(email text)
      where not exists (select from leads where leads.email = told.email)`,
  },
  withdrawals: {
    of: ({ withdrawn }) => withdrawn.map((visitor) => ({ visitor })),
    sql: `select count(*)::int as count
      from jsonb_to_recordset($1::jsonb) as told(visitor uuid)
      join visitors on visitors.id = told.visitor
      where visitors.withdrawn_at is null`,
  },
};

/** Answers that showed a number to a visitor for whom no lease of it is recorded. */
const WITHOUT_LEASE = `select count(*)::int as count
  from jsonb_to_recordset($1::jsonb) as told(lease uuid, visitor uuid, number text)
  where not exists (
    select
    from leases
    where leases.id = told.lease
      and leases.visitor_id = told.visitor
      and leases.number = told.number
  )`;

export interface Stored {
  overlaps: number;
  /** What was acknowledged and is not there: how many, by kind; what is all there is left out. */
  lost: Record<string, number>;
  withoutLease: number;
}

/** Compares what the outside was told with what the database has. */
export async function readStored(database: string, ledger: Ledger): Promise<Stored> {
  const client = new pg.Client(database);
  await client.connect();
  const count = async (sql: string, given?: unknown[]): Promise<number> => {
    const { rows } = await client.query<{ count: number }>(sql, given && [JSON.stringify(given)]);
    return rows[0]?.count ?? Number.NaN;
  };
  try {
    const lost: Record<string, number> = {};
    for (const [kind, { of, sql }] of Object.entries(LOST)) {
      const missing = await count(sql, of(ledger));
      if (missing > 0) lost[kind] = missing;
    }
    return {
      overlaps: (await client.query(OVERLAPS, [null])).rowCount ?? Number.NaN,
      lost,
      withoutLease: await count(WITHOUT_LEASE, ledger.shown),
    };
  } finally {
    await client.end();
  }
}

interface ListedCall {
  call_id: string;
  status: string;
  tracking_phone_number: string;
}

async function listCalls(url: string, siteId: string): Promise<ListedCall[]> {
  const calls: ListedCall[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page = new URLSearchParams({ site_id: siteId, per_page: '1000', ...(cursor ? { cursor } : {}) });
    const answer = await fetch(`${url}/v1/calls?${page}`, {
      headers: { authorization: `Bearer ${ADMIN_KEY}` },
    });
    if (!answer.ok) throw new Error(`/v1/calls: ${answer.status} ${await answer.text()}`);
    const read = (await answer.json()) as { calls: ListedCall[]; next_cursor: string | null };
    calls.push(...read.calls);
    cursor = read.next_cursor;
  }
  return calls;
}

/**
 * Calls that were acknowledged and are not in the list exactly once, with the number that was called, and over if their
 * end was acknowledged; and calls that are there more than once. Pure.
 */
export function lostCalls(told: CallRecord[], listed: ListedCall[]): string[] {
  const byId = new Map<string, ListedCall[]>();
  for (const call of listed) byId.set(call.call_id, [...(byId.get(call.call_id) ?? []), call]);
  return told
    .filter(({ id, to, started, ended }) => {
      const found = byId.get(id) ?? [];
      if (found.length > 1) return true;
      if (!started) return false;
      const [call] = found;
      return call?.tracking_phone_number !== to || (ended && call.status !== 'answered');
    })
    .map(({ id }) => id);
}

/** The calls lost, once nothing changes that any more or patience has run out. */
export async function readLostCalls(url: string, siteId: string, told: CallRecord[]): Promise<string[]> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const lost = lostCalls(told, await listCalls(url, siteId));
    if (lost.length === 0 || performance.now() > deadline) return lost;
    await sleep(250);
  }
}
