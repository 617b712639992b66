import { sqlFile } from '../../lib/sql.js';
import type { LeaseHistory, LeaseSign } from '../lease-history.js';
import type { LeaseAssignment, NumberTruth } from '../lease-store.js';
import type { Queryable } from './pool.js';
import { againAfterCollision } from './retry.js';

const READ_NUMBERS = sqlFile(import.meta.url, './sql/read-numbers.sql');
/**
 * Ends leases for reason $2 at $3 or now; those that had run out by then ended when they did. A where clause follows.
 */
export const END_LEASES = `update leases
  set ended_at = greatest(leased_at, least(reserved_until, coalesce($3::timestamptz, clock_timestamp()))),
    end_reason = case
      when reserved_until <= coalesce($3::timestamptz, clock_timestamp()) then 'expired'
      else $2
    end`;
const WRITE_SIGNS = sqlFile(import.meta.url, './sql/write-signs.sql');

/** A renewal reaches the history within 1 s; a lease that ran out no longer ago than this may have been renewed. */
const UNSURE_MS = 5_000;

interface NumberRow {
  number: string;
  lease_id: string | null;
  visitor_id: string | null;
  assignment: LeaseAssignment;
  open: boolean;
  sign_age: number | null;
  promised_for: number;
  reserved_for: number;
}

function truthOf(row: NumberRow): NumberTruth {
  return {
    number: row.number,
    leaseId: row.lease_id,
    visitorId: row.visitor_id,
    assignment: row.assignment,
    open: row.open,
    signAge: row.sign_age,
    promisedFor: row.promised_for,
    reservedFor: row.reserved_for,
  };
}

/** The lease history in Postgres: who held which number when, and the arbiter of who holds it now. */
export function createLeaseHistory(db: Queryable): LeaseHistory {
  return {
    async numbersOf(trackerId) {
      const { rows } = await db.query<{ number: string }>(
        'select number from numbers where tracker_id = $1 and retired_at is null',
        [trackerId],
      );
      return rows.map((row) => row.number);
    },
    async readNumbers(trackerId, { numbers, visitorId, now }) {
      const values = [trackerId, now ?? null, UNSURE_MS, numbers, visitorId ?? null];
      const { rows } = await db.query<NumberRow>({ name: 'read-numbers', text: READ_NUMBERS, values });
      return rows.map(truthOf);
    },
    async writeSigns(signs: LeaseSign[]) {
      const rows = signs.map((sign) => ({
        lease_id: sign.leaseId,
        age_ms: sign.ageMs,
        at: sign.at ?? null,
        left: sign.left,
        must_be_live: sign.mustBeLive,
        own_seconds: sign.ownSeconds,
        min_seconds: sign.minSeconds,
      }));
      const result = await againAfterCollision(() =>
        db.query<{ id: string }>(WRITE_SIGNS, [JSON.stringify(rows)]),
      );
      return new Set(result.rows.map((row) => row.id));
    },
    async takeBack(leaseId) {
      await db.query(
        `with taken as materialized (
          select number
          from numbers
          where lease_id = $1
          for update
        ),
        ended as (
          update leases
          set ended_at = leased_at,
            end_reason = 'released'
          from taken
          where leases.id = $1
            and leases.ended_at is null
        )
        update numbers
        set visitor_id = null,
          last_seen_at = '-infinity',
          promised_until = '-infinity',
          reserved_until = '-infinity'
        from taken
        where numbers.number = taken.number`,
        [leaseId],
      );
    },
    async hold(number, seconds, now) {
      await db.query(
        `with held as (
          update numbers
          set reserved_until = greatest(
            reserved_until,
            coalesce($3::timestamptz, clock_timestamp()) + make_interval(secs => $2)
          )
          where number = $1
          returning lease_id, reserved_until, coalesce($3::timestamptz, clock_timestamp()) as now
        )
        update leases
        set reserved_until = held.reserved_until
        from held
        where leases.id = held.lease_id
          and leases.ended_at is null
          and leases.reserved_until > held.now`,
        [number, seconds, now ?? null],
      );
    },
    async held(siteId, visitorId, number, now) {
      const { rows } = await db.query<{ id: string }>(
        `select id
        from leases
        where number = $3
          and visitor_id = $2
          and site_id = $1
          and ended_at is null
          and reserved_until > coalesce($4::timestamptz, clock_timestamp())`,
        [siteId, visitorId, number, now ?? null],
      );
      return rows[0]?.id ?? null;
    },
  };
}
