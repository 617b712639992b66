import { createGatherer } from '../../lib/gather.js';
import { sqlFile } from '../../lib/sql.js';
import type { LeaseAsk, LeaseAssignment, LeaseOffer, LeaseStore, Pool } from '../lease-store.js';
import { isDuplicate } from './failures.js';
import { uuids } from './lists.js';
import type { Queryable } from './pool.js';

const OWN = sqlFile(import.meta.url, './sql/own-leases.sql');
const ACQUIRE = sqlFile(import.meta.url, './sql/acquire.sql');
/**
 * Their own number is looked up by itself, not in the order of last signs, and waited for: another request of the same
 * visitor may be taking it at this moment.
 */
const ACQUIRE_OWN = ACQUIRE.replace('for update skip locked', 'for update').replace(
  'where tracker_id = $2',
  'where number = $10 and (tracker_id = $2) is true',
);
const RELEASE = sqlFile(import.meta.url, './sql/release.sql');
const SIGN = sqlFile(import.meta.url, './sql/sign.sql');

type OwnAsk = Pick<LeaseAsk, 'pool' | 'visitorId' | 'now'>;
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
  /** The numbers that these visitors held last, with the leases that are live; asked together by who come in together. */
  const ownOf = createGatherer(async (asks: OwnAsk[]): Promise<(OwnRow | null)[]> => {
    const [{ pool, now }] = asks as [OwnAsk];
    const values = [pool.trackerId, uuids(asks.map((ask) => ask.visitorId)), now ?? null];
    const { rows } = await db.query<OwnRow & { at: number }>({ name: 'own-leases', text: OWN, values });
    const byPlace = new Map(rows.map((row) => [row.at, row]));
    return asks.map((_, index) => byPlace.get(index + 1) ?? null);
  });

  const own = (ask: OwnAsk): Promise<OwnRow | null> =>
    ownOf(`${ask.pool.trackerId} ${ask.now?.getTime() ?? ''}`, ask);

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
