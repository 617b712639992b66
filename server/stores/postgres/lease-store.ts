import { sqlFile } from '../../lib/sql.js';
import type { LeaseAsk, LeaseAssignment, LeaseOffer, LeaseStore, Pool } from '../lease-store.js';
import { isDuplicate } from './failures.js';
import type { Queryable } from './pool.js';

const ACQUIRE = sqlFile(import.meta.url, './sql/acquire.sql');
/** Their own number is waited for: another request of the same visitor may be taking it at this moment. */
const ACQUIRE_OWN = ACQUIRE.replace('for update skip locked', 'for update');
const RELEASE = sqlFile(import.meta.url, './sql/release.sql');
const SIGN = sqlFile(import.meta.url, './sql/sign.sql');

type Pass = 'own' | 'exclusive' | 'elastic';

interface OwnRow {
  number: string;
  lease_id: string | null;
  assignment: LeaseAssignment | null;
}

/**
 * Leases in Postgres itself, for any number of processes: the proposal and the lease history are one, so an offer is
 * always confirmed and there is nothing to correct, retire or hold that the history does not do.
 */
export function createPostgresLeaseStore(db: Queryable): LeaseStore {
  /** The number that this visitor held last, with the lease if it is live. */
  async function own({
    pool,
    visitorId,
    now,
  }: Pick<LeaseAsk, 'pool' | 'visitorId' | 'now'>): Promise<OwnRow | null> {
    const { rows } = await db.query<OwnRow>({
      name: 'own-lease',
      text: `select numbers.number, leases.id as lease_id, leases.assignment
        from numbers
        left join leases on leases.id = numbers.lease_id
          and leases.ended_at is null
          and leases.reserved_until > coalesce($3::timestamptz, clock_timestamp())
        where numbers.tracker_id = $1
          and numbers.visitor_id = $2
          and numbers.retired_at is null
        order by leases.id is null, numbers.last_seen_at desc
        limit 1`,
      values: [pool.trackerId, visitorId, now ?? null],
    });
    return rows[0] ?? null;
  }

  async function take(ask: LeaseAsk, pass: Pass, number: string | null, silentSeconds: number) {
    const { pool, visitorId, leaseId, ownSeconds, now } = ask;
    const values = [
      now ?? null,
      pool.trackerId,
      pool.siteId,
      visitorId,
      leaseId,
      ownSeconds,
      pool.minReservationSeconds,
      silentSeconds,
      pass,
      number,
    ];
    const { rows } = await db.query<{ number: string; assignment: LeaseAssignment }>({
      name: pass === 'own' ? 'acquire-own' : 'acquire',
      text: pass === 'own' ? ACQUIRE_OWN : ACQUIRE,
      values,
    });
    const row = rows[0];
    return row ? { number: row.number, leaseId, assignment: row.assignment, confirmed: true } : null;
  }

  const live = (row: OwnRow | null): LeaseOffer | null =>
    row?.lease_id
      ? {
          number: row.number,
          leaseId: row.lease_id,
          assignment: row.assignment ?? 'exclusive',
          confirmed: true,
        }
      : null;

  async function takeAny(ask: LeaseAsk, remembered: OwnRow | null): Promise<LeaseOffer | null> {
    return (
      (remembered && (await take(ask, 'own', remembered.number, 0))) ??
      (await take(ask, 'exclusive', null, ask.pool.reservationSeconds)) ??
      (await take(ask, 'elastic', null, ask.pool.minReservationSeconds))
    );
  }

  async function sign(pool: Pool, visitorId: string, ownSeconds: number, left: boolean, now?: Date) {
    const values = [now ?? null, pool.trackerId, visitorId, ownSeconds, pool.minReservationSeconds, left];
    const { rows } = await db.query<OwnRow>({ name: 'sign', text: SIGN, values });
    return live(rows[0] ?? null);
  }

  return {
    async acquire(ask) {
      const mine = await own(ask);
      const held = live(mine);
      if (held || ask.liveOnly) return held;
      try {
        const offer = await takeAny(ask, mine);
        if (offer) return offer;
      } catch (error) {
        // Another request of the same visitor was faster: a live (tracker, visitor) is unique.
        if (!isDuplicate(error)) throw error;
      }
      // None, or another request's: rows that were locked a moment ago have been decided by now.
      return live(await own(ask)) ?? (await takeAny(ask, null));
    },
    async confirm() {},
    async correct() {},
    renew: (pool, visitorId, ownSeconds, now) => sign(pool, visitorId, ownSeconds, false, now),
    leave: (pool, visitorId, ownSeconds, now) => sign(pool, visitorId, ownSeconds, true, now),
    async release(pool, visitorId, now) {
      const { rows } = await db.query<OwnRow>(RELEASE, [now ?? null, pool.trackerId, visitorId]);
      return live(rows[0] ?? null);
    },
    async hold() {},
    async retire() {},
    async inspect(pool, now) {
      const { rows } = await db.query<{ numbers: number; leased: number; free: number }>(
        `select
          count(*) as numbers,
          count(*) filter (where leases.id is not null) as leased,
          count(*) filter (where leases.id is null and numbers.reserved_until <= clock.now) as free
        from (select coalesce($2::timestamptz, clock_timestamp()) as now) as clock
        cross join numbers
        left join leases on leases.id = numbers.lease_id
          and leases.ended_at is null
          and leases.reserved_until > clock.now
        where numbers.tracker_id = $1
          and numbers.retired_at is null`,
        [pool.trackerId, now ?? null],
      );
      return rows[0] as { numbers: number; leased: number; free: number };
    },
  };
}
