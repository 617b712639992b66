import type { ReportStore } from '../../reports.js';
import type { Pool } from '../pool.js';
import { listCalls, readCall } from './calls.js';
import { changeCall, changeTags } from './change-call.js';
import { journeyOfCall, journeyOfSession, readSession } from './journeys.js';
import { measure } from './measure.js';

/** What marketers read, out of Postgres. */
export function createReportStore(pool: Pool): ReportStore {
  return {
    async soleSite() {
      const { rows } = await pool.query<{ id: string }>('select id from sites limit 2');
      return rows.length === 1 ? (rows[0]?.id ?? null) : null;
    },
    calls: (filter, page) => listCalls(pool, filter, page),
    call: (id) => readCall(pool, id),
    journeyOfCall: (id) => journeyOfCall(pool, id),
    changeCall: (id, patch) => changeCall(pool, id, patch),
    changeTags: (ids, siteId, change) => changeTags(pool, ids, siteId, change),
    session: (id) => readSession(pool, id),
    journeyOfSession: (session) => journeyOfSession(pool, session),
    measure: (filter, by) => measure(pool, filter, by),
  };
}
