import { randomInt } from 'node:crypto';
import { newId } from '../../lib/ids.js';
import type { VisitorStore } from '../visitors.js';
import { END_LEASES } from './lease-history.js';
import { inTransaction, type Pool } from './pool.js';

const CODE_HOURS = 24;
/** Shortest first; longer ones when a site's short codes are crowded. */
const CODE_DIGITS = [4, 4, 4, 5, 5, 6, 7, 8];

const randomCode = (digits: number) => String(randomInt(10 ** (digits - 1), 10 ** digits));

/** Taps, codes, leads and withdrawals in Postgres. */
export function createVisitorStore(pool: Pool): VisitorStore {
  return {
    async addTap(tap) {
      const { rows } = await pool.query<{ tapped_at: Date }>(
        `insert into taps (id, site_id, visitor_id, session_id, lease_id, number, tapped_at)
        select $1, site_id, id, session_id, $4, $5, coalesce($6::timestamptz, clock_timestamp())
        from visitors
        where id = $3
          and site_id = $2
        returning tapped_at`,
        [newId(), tap.siteId, tap.visitorId, tap.leaseId, tap.number, tap.now ?? null],
      );
      return rows[0]?.tapped_at ?? null;
    },

    giveCode: ({ siteId, visitorId, pageUrl }) =>
      inTransaction(pool, async (client) => {
        // One code at a time on a site: whether a code is taken cannot be a unique index, since codes run out.
        await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`codes ${siteId}`]);
        const { rows } = await client.query<{ session_id: string | null; code: string | null }>(
          `select visitors.session_id, codes.code
          from visitors
          left join codes on codes.visitor_id = visitors.id
            and codes.site_id = visitors.site_id
            and codes.page_url = $3
            and codes.expires_at > clock_timestamp()
          where visitors.id = $2
            and visitors.site_id = $1`,
          [siteId, visitorId, pageUrl],
        );
        if (!rows[0]) return null;
        if (rows[0].code) return rows[0].code;
        for (const digits of CODE_DIGITS) {
          const code = randomCode(digits);
          const made = await client.query(
            `insert into codes (id, site_id, code, visitor_id, session_id, page_url, created_at, expires_at)
            select $1, $2, $3, $4, $5, $6, clock_timestamp(), clock_timestamp() + make_interval(hours => $7)
            where not exists (
              select
              from codes
              where site_id = $2
                and code = $3
                and expires_at > clock_timestamp()
            )`,
            [newId(), siteId, code, visitorId, rows[0].session_id, pageUrl, CODE_HOURS],
          );
          if (made.rowCount === 1) return code;
        }
        throw new Error(`no free code on site ${siteId}`);
      }),

    async addLead({ siteId, visitorId, pageUrl, details }) {
      await pool.query(
        `insert into leads (id, site_id, visitor_id, session_id, type, created_at, name, phone, email, fields, page_url)
        select $1, $2, visitors.id, visitors.session_id, 'form', clock_timestamp(), $4, $5, $6, $7, $8
        from (select) as one
        left join visitors on visitors.id = $3 and visitors.site_id = $2`,
        [
          newId(),
          siteId,
          visitorId,
          details.name ?? null,
          details.phone ?? null,
          details.email ?? null,
          details.fields ?? {},
          pageUrl,
        ],
      );
    },

    withdraw: (siteId, visitorId) =>
      inTransaction(pool, async (client) => {
        await client.query(
          `update visitors
          set withdrawn_at = clock_timestamp()
          where id = $2
            and site_id = $1
            and withdrawn_at is null`,
          [siteId, visitorId],
        );
        // The numbers first, as everywhere, so that no two transactions wait for each other.
        await client.query(
          `select
          from numbers
          where site_id = $1
            and (
              visitor_id = $2
              or lease_id in (select id from leases where visitor_id = $2 and site_id = $1 and ended_at is null)
            )
          order by number
          for update`,
          [siteId, visitorId],
        );
        const { rows } = await client.query<{ tracker_id: string }>(
          `${END_LEASES}
          where leases.visitor_id = $1
            and leases.site_id = $4
            and leases.ended_at is null
          returning leases.tracker_id`,
          [visitorId, 'withdrawn', null, siteId],
        );
        await client.query(
          `update numbers
          set visitor_id = null
          where site_id = $1
            and visitor_id = $2`,
          [siteId, visitorId],
        );
        return rows.map((row) => row.tracker_id);
      }),
  };
}
