import { newId } from '../../server/lib/ids.js';
import { createPool, inTransaction, type Pool } from '../../server/stores/postgres/pool.js';
import { createDatabase } from './database.js';
import { fictionalNumbers } from './fictional-numbers.js';

/** The start of the calls that are asked about; everything else is so many seconds before it. */
export const CALL = new Date('2026-10-01T10:00:00.000Z');
export const ago = (seconds: number): Date => new Date(CALL.getTime() - seconds * 1000);

export interface PastLease {
  id: string;
  siteId: string;
  number: string;
  visitorId: string;
  /** Seconds before CALL. */
  shown: number;
  silent: number;
  left: number | null;
  ended: number | null;
}

export interface AttributionWorld {
  pool: Pool;
  sql: <T extends object>(text: string, values?: unknown[]) => Promise<T[]>;
  site: () => Promise<{ siteId: string; trackerId: string; number: string }>;
  visitor: (siteId: string, sessions?: { started: number; country?: string }[]) => Promise<string>;
  /** Leases as they were, whatever the pool's rules would say. */
  leases: (
    given: (Pick<PastLease, 'siteId' | 'number' | 'visitorId' | 'shown' | 'silent'> & Partial<PastLease>)[],
  ) => Promise<PastLease[]>;
  tap: (lease: PastLease, seconds: number) => Promise<void>;
  /** An earlier call of a caller, with its decision. */
  call: (given: EarlierGiven) => Promise<string>;
  close: () => Promise<void>;
}

export interface EarlierGiven {
  siteId: string;
  trackerId: string;
  number: string;
  from: string | null;
  started: number;
  method: string;
  visitorId: string | null;
  confidence: number;
  candidates?: { visitor_id: string | null; probability: number }[];
  facts?: unknown;
  first?: boolean;
  spam?: boolean;
}

/** A database in which the past is written as it is told. */
export async function makeAttributionWorld(): Promise<AttributionWorld> {
  const database = await createDatabase();
  const pool = createPool({ connection: { connectionString: database.url }, max: 4, onError: () => {} });
  let used = 0;
  const sql = async <T extends object>(text: string, values: unknown[] = []) =>
    (await pool.query<T>(text, values)).rows;
  return {
    pool,
    sql,
    async site() {
      const [siteId, trackerId] = [newId(), newId()];
      const [number = ''] = fictionalNumbers(1, used++);
      await sql(
        `insert into sites (
          id, key, name, time_zone, default_region, allowed_origins, min_confidence, qualified_seconds,
          excluded_addresses, excluded_hosts, providers, created_at
        )
        values ($1::uuid, $1::text, 'Shop', 'UTC', 'US', '{}', 0.5, 60, '{}', '{}', '{}', $2)`,
        [siteId, ago(40 * 86_400)],
      );
      await sql(
        `insert into trackers (
          id, site_id, name, type, targets, destination, match, priority, reservation_seconds,
          min_reservation_seconds, attribution_days, pool_version, created_at
        )
        values ($1, $2, 'Pool', 'session', '{}', '+12125550199', '{}', 0, 1800, 300, 30, 1, $3)`,
        [trackerId, siteId, ago(40 * 86_400)],
      );
      await sql(
        `insert into numbers (number, site_id, tracker_id, created_at, last_seen_at, promised_until, reserved_until)
        values ($1, $2, $3, $4, '-infinity', '-infinity', '-infinity')`,
        [number, siteId, trackerId, ago(40 * 86_400)],
      );
      return { siteId, trackerId, number };
    },
    async visitor(siteId, sessions = []) {
      const visitorId = newId();
      await sql('insert into visitors (id, site_id, first_seen_at) values ($1, $2, $3)', [
        visitorId,
        siteId,
        CALL,
      ]);
      for (const { started, country = null } of sessions) {
        await sql(
          `insert into sessions (
            id, site_id, visitor_id, started_at, last_seen_at, source, medium, utm, click_ids, landing_page_url,
            landing_page, landing_params, device_type, page_view_count, last_requested_url, ids, country
          )
          values ($1, $2, $3, $4, $4, 'google', 'cpc', '{}', '{}', '', '', '{}', 'mobile', 1, '', '{}', $5)`,
          [newId(), siteId, visitorId, ago(started), country],
        );
      }
      return visitorId;
    },
    leases: (given) =>
      inTransaction(pool, async (client) => {
        // Past the trigger, which would not let the past be made up.
        await client.query('set local session_replication_role = replica');
        const leases = given.map((one): PastLease => ({ id: newId(), left: null, ended: null, ...one }));
        for (const one of leases) {
          await client.query(
            `insert into leases (
              id, site_id, tracker_id, number, visitor_id, assignment, leased_at, last_seen_at, promised_until,
              reserved_until, left_at, ended_at, end_reason
            )
            select $1, $2, tracker_id, $3, $4, 'elastic', $5, $6, $6, $6::timestamptz + interval '30 min', $7, $8::timestamptz,
              case when $8::timestamptz is null then null else 'expired' end
            from numbers
            where number = $3`,
            [
              one.id,
              one.siteId,
              one.number,
              one.visitorId,
              ago(one.shown),
              ago(one.silent),
              one.left === null ? null : ago(one.left),
              one.ended === null ? null : ago(one.ended),
            ],
          );
        }
        return leases;
      }),
    async tap({ id, siteId, visitorId, number }, seconds) {
      await sql(
        'insert into taps (id, site_id, visitor_id, lease_id, number, tapped_at) values ($1, $2, $3, $4, $5, $6)',
        [newId(), siteId, visitorId, id, number, ago(seconds)],
      );
    },
    async call(given) {
      const id = newId();
      const { siteId, visitorId, method, confidence } = given;
      await sql(
        `insert into calls (
          id, site_id, tracker_id, provider, provider_call_id, tracking_number, business_number, caller_number,
          started_at, status, method, confidence, visitor_id, first_call, prior_calls, tags, spam, created_at, updated_at
        )
        values ($1::uuid, $2, $3, 'api', $1::text, $4, '+12125550199', $5, $6, 'answered', $7, $8, $9, $10, 0, '{}', $11, $6, $6)`,
        [
          id,
          siteId,
          given.trackerId,
          given.number,
          given.from,
          ago(given.started),
          method,
          confidence,
          visitorId,
          given.first ?? true,
          given.spam ?? false,
        ],
      );
      await sql(
        `insert into attributions (
          id, call_id, site_id, decided_at, rule_version, method, confidence, visitor_id, candidates, reasons, facts
        )
        values ($1, $2, $3, $4, 2, $5, $6, $7, $8, '[]', $9)`,
        [
          newId(),
          id,
          siteId,
          ago(given.started),
          method,
          confidence,
          visitorId,
          JSON.stringify(given.candidates ?? [{ visitor_id: visitorId, probability: confidence }]),
          JSON.stringify(given.facts ?? {}),
        ],
      );
      return id;
    },
    async close() {
      await pool.end();
      await database.drop();
    },
  };
}
