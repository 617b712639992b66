import type { LeadStore, ListedLead, ReportedLead } from '../leads.js';
import type { Pool } from './pool.js';
import { UNKNOWN } from './reports/credit.js';
import { parameters } from './reports/parameters.js';

const LEAD = `select leads.id, leads.site_id, leads.type, leads.created_at, leads.name, leads.phone, leads.email,
    leads.fields, leads.page_url, leads.visitor_id, leads.session_id, coalesce(sessions.source, '${UNKNOWN}') as source,
    sessions.medium, sessions.campaign, leads.value, leads.lead_status,
    to_char(leads.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as position
  from leads
  left join sessions on sessions.id = leads.session_id
    and sessions.site_id = leads.site_id`;

const WRITTEN = ['value', 'lead_status'] as const;

type Row = ReportedLead & { position: string };

const listed = ({ position, ...lead }: Row): ListedLead => ({
  lead,
  position: { time: position, id: lead.id },
});

/** Leads as marketers read them, in Postgres. */
export function createLeadStore(pool: Pool): LeadStore {
  return {
    async list({ siteId, period, types }, { after, limit }) {
      const { values, add } = parameters();
      const conditions = [
        ...(siteId === null ? [] : [`leads.site_id = ${add(siteId)}`]),
        `leads.created_at >= ${add(period.from)}`,
        `leads.created_at < ${add(period.until)}`,
        ...(types ? [`leads.type = any(${add(types)}::text[])`] : []),
        ...(after
          ? [`(leads.created_at, leads.id) < (${add(after.time)}::timestamptz, ${add(after.id)}::uuid)`]
          : []),
      ];
      const { rows } = await pool.query<Row>(
        `${LEAD}
        where ${conditions.join('\n          and ')}
        order by leads.created_at desc, leads.id desc
        limit ${add(limit)}`,
        values,
      );
      return rows.map(listed);
    },
    async lead(id) {
      const { rows } = await pool.query<Row>(`${LEAD} where leads.id = $1`, [id]);
      return rows[0] ? listed(rows[0]).lead : null;
    },
    async change(id, patch) {
      const { values, add } = parameters();
      const named = WRITTEN.filter((column) => patch[column] !== undefined);
      if (named.length === 0) return;
      await pool.query(
        `update leads
        set ${named.map((column) => `${column} = ${add(patch[column])}`).join(',\n          ')}
        where id = ${add(id)}`,
        values,
      );
    },
  };
}
