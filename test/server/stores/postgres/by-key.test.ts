import { afterAll, beforeAll, expect, it } from 'vitest';
import { decideSession } from '../../../../server/domain/sessions/decide-session.js';
import { newId } from '../../../../server/lib/ids.js';
import { createPostgresLeaseStore } from '../../../../server/stores/postgres/lease-store.js';
import { BY_KEY, createPool, type Pool } from '../../../../server/stores/postgres/pool.js';
import { createVisitStore } from '../../../../server/stores/postgres/visits.js';
import type { LeaseProposal } from '../../../../server/stores/visits.js';
import { createDatabase, type TestDatabase } from '../../../support/database.js';
import { byCampaign, visitOf } from '../../../support/visit.js';

const VISITORS = 400;
const BATCH = 20;

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createDatabase();
  // One connection: it makes its plans while every table is empty, and keeps them.
  pool = createPool({ connection: { connectionString: database.url }, max: 1, setUp: BY_KEY, onError() {} });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** Rows and index entries read so far, by table. */
async function reads(): Promise<Map<string, number>> {
  await pool.query('select pg_stat_force_next_flush()');
  const { rows } = await pool.query<{ name: string; read: number }>(
    `select
      tables.relname as name,
      tables.seq_tup_read + sum(indexes.idx_tup_read) as read
    from pg_stat_user_tables as tables
    join pg_stat_user_indexes as indexes on indexes.relid = tables.relid
    group by tables.relname, tables.seq_tup_read`,
  );
  return new Map(rows.map(({ name, read }) => [name, Number(read)]));
}

it('a visit reads its own rows only, also by plans made while the tables were empty', async () => {
  // The planner's guess for tables that it knows to be empty, which is the worst.
  await pool.query('vacuum analyze');
  const [siteId, trackerId] = [newId(), newId()];
  const numbers = Array.from({ length: VISITORS }, (_, at) => `+1202${String(5_550_000 + at)}`);
  await pool.query(
    `insert into numbers (number, site_id, tracker_id, created_at, last_seen_at, promised_until, reserved_until)
    select number, $2, $3, now(), '-infinity', '-infinity', '-infinity'
    from unnest($1::text[]) as new(number)`,
    [numbers, siteId, trackerId],
  );
  const visits = createVisitStore(pool, decideSession);
  const leases = createPostgresLeaseStore(pool);
  const leasePool = { trackerId, siteId, version: 1, reservationSeconds: 1800, minReservationSeconds: 300 };
  const visitors = numbers.map((number) => {
    const lease: LeaseProposal = {
      leaseId: newId(),
      trackerId,
      number,
      assignment: 'exclusive',
      ownSeconds: 1800,
      minSeconds: 300,
    };
    return { visitorId: newId(), lease };
  });

  const before = await reads();
  for (const round of ['arrives', 'returns']) {
    for (let from = 0; from < VISITORS; from += BATCH) {
      const batch = visitors.slice(from, from + BATCH);
      if (round === 'returns') {
        const live = await Promise.all(
          batch.map(({ visitorId, lease: { leaseId } }) =>
            leases.acquire({ pool: leasePool, visitorId, leaseId, ownSeconds: 1800, liveOnly: true }),
          ),
        );
        expect(live.map((offer) => offer?.leaseId)).toEqual(batch.map(({ lease }) => lease.leaseId));
      }
      const results = await Promise.all(
        batch.map(({ visitorId, lease }) =>
          visits.add(
            visitOf({
              siteId,
              visitorId,
              arrival: byCampaign('winter'),
              proposed: round === 'arrives' ? [lease] : [],
              signed: round === 'returns' ? [lease] : [],
            }),
          ),
        ),
      );
      for (const result of results) expect(result).toMatchObject({ kind: 'stored' });
    }
  }

  const after = await reads();
  for (const table of ['visitors', 'sessions', 'touches', 'page_views', 'leases', 'numbers']) {
    const read = (after.get(table) ?? 0) - (before.get(table) ?? 0);
    // Some look-ups a visit; reading a table for each visit would be 160,000.
    expect.soft(read, table).toBeLessThan(2 * VISITORS * 15);
  }
});
