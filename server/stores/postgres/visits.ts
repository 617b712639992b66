import { type Batcher, createBatcher } from '../../lib/batcher.js';
import { newId } from '../../lib/ids.js';
import { sqlFile } from '../../lib/sql.js';
import type {
  DecideSession,
  LeaseProposal,
  SessionSource,
  Visit,
  VisitorState,
  VisitResult,
  VisitStore,
} from '../visits.js';
import { isAway } from './failures.js';
import type { Queryable } from './pool.js';
import { againAfterCollision } from './retry.js';

const READ = sqlFile(import.meta.url, './sql/read-visitors.sql');
const COMMIT = sqlFile(import.meta.url, './sql/commit-visits.sql');

/** How often a visit is decided anew when another tab of the same visitor was faster. */
const ATTEMPTS = 5;

/** A page waits 2.5 s for its answer. */
const MAX_WAIT_MS = 2_000;
/** Each takes a batch of its own, so that a single visitor's flood would take every place there is. */
const MAX_OF_VISITOR = 50;

interface VisitorRow {
  id: string;
  site_id: string | null;
  withdrawn_at: Date | null;
  session_id: string | null;
  last_seen_at: Date | null;
  campaign_signature: string | null;
  landing_page_url: string | null;
  referring_url: string | null;
  now: Date;
}

interface Decided {
  visit: Visit;
  sessionId: string;
  at: Date;
  row: Record<string, unknown>;
}

function stateOf(row: VisitorRow | undefined): VisitorState | null {
  if (!row?.site_id) return null;
  return {
    siteId: row.site_id,
    sessionId: row.session_id,
    lastSeenAt: row.last_seen_at,
    campaignSignature: row.campaign_signature,
    landingPageUrl: row.landing_page_url,
    referringUrl: row.referring_url,
  };
}

/** The visit as commit-visits.sql takes it, with what was decided about its session. */
function decide(visit: Visit, row: VisitorRow, decideSession: DecideSession): Decided {
  const at = visit.now ?? row.now;
  const state = stateOf(row);
  const { startsSession, isTouch } = decideSession(state, visit.arrival, at);
  const sessionId = startsSession || !row.session_id ? newId() : row.session_id;
  const { arrival } = visit;
  return {
    visit,
    sessionId,
    at,
    row: {
      visitor_id: visit.visitorId,
      site_id: visit.siteId,
      at,
      session_id: sessionId,
      starts_session: startsSession,
      previous_session_id: row.session_id,
      touch_id: isTouch ? newId() : null,
      page_view_id: visit.page.id,
      url: visit.page.url,
      title: visit.page.title,
      referrer: visit.page.referrer,
      device_type: visit.deviceType,
      ids: visit.ids,
      source: arrival.source,
      medium: arrival.medium,
      campaign: arrival.campaign,
      term: arrival.term,
      content: arrival.content,
      utm: arrival.utm,
      click_ids: arrival.clickIds,
      campaign_signature: arrival.campaignSignature,
      landing_page_url: arrival.landingPageUrl,
      landing_page: arrival.landingPage,
      landing_params: arrival.landingParams,
      referring_url: arrival.referringUrl,
      referrer_domain: arrival.referrerDomain,
    },
  };
}

const leaseRows = (decided: Decided[], leasesOf: (visit: Visit) => LeaseProposal[]) =>
  JSON.stringify(
    decided.flatMap(({ visit }) =>
      leasesOf(visit).map((lease) => ({
        id: lease.leaseId,
        visitor_id: visit.visitorId,
        tracker_id: lease.trackerId,
        number: lease.number,
        assignment: lease.assignment,
        own_seconds: lease.ownSeconds,
        min_seconds: lease.minSeconds,
      })),
    ),
  );

/** Visits in Postgres, by group commit. */
export function createVisitStore(
  db: Queryable,
  decideSession: DecideSession,
  options: { maxRunning: number; onBatch?: (rows: number) => void; onTime?: (now: Date) => void },
): VisitStore {
  async function readVisitors(ids: string[]): Promise<Map<string, VisitorRow>> {
    const { rows } = await db.query<VisitorRow>({ name: 'read-visitors', text: READ, values: [ids] });
    if (rows[0]) options.onTime?.(rows[0].now);
    return new Map(rows.map((row) => [row.id, row]));
  }

  async function commit(decided: Decided[]): Promise<{ visits: Set<string>; leases: Set<string> }> {
    const values = [
      JSON.stringify(decided.map(({ row }) => row)),
      leaseRows(decided, (visit) => visit.proposed),
      // A proposal that was committed before, by another tab or by us before a reply was lost, is signed like any other.
      leaseRows(decided, (visit) => [...visit.signed, ...visit.proposed]),
    ];
    const { rows } = await db.query<{ kind: 'visit' | 'lease'; id: string }>({
      name: 'commit-visits',
      text: COMMIT,
      values,
    });
    const ids = (kind: string) => new Set(rows.filter((row) => row.kind === kind).map((row) => row.id));
    return { visits: ids('visit'), leases: ids('lease') };
  }

  async function run(visits: Visit[]): Promise<VisitResult[]> {
    const results = new Map<Visit, VisitResult>();
    let pending = visits;
    for (let attempt = 0; pending.length > 0; attempt += 1) {
      if (attempt === ATTEMPTS) throw new Error('visits kept colliding with others of the same visitors');
      const states = await readVisitors(pending.map((visit) => visit.visitorId));
      const decided: Decided[] = [];
      for (const visit of pending) {
        const row = states.get(visit.visitorId) as VisitorRow;
        if ((row.site_id && row.site_id !== visit.siteId) || row.withdrawn_at)
          results.set(visit, { kind: 'foreign' });
        else decided.push(decide(visit, row, decideSession));
      }
      const written =
        decided.length > 0 ? await commit(decided) : { visits: new Set(), leases: new Set<string>() };
      for (const { visit, sessionId, at } of decided) {
        if (!written.visits.has(visit.visitorId)) continue;
        const leases = [...visit.proposed, ...visit.signed].map((lease) => lease.leaseId);
        const standing = new Set(leases.filter((id) => written.leases.has(id)));
        results.set(visit, { kind: 'stored', sessionId, at, standing });
      }
      pending = pending.filter((visit) => !results.has(visit));
    }
    return visits.map((visit) => results.get(visit) as VisitResult);
  }

  const batcher: Batcher<Visit, VisitResult> = createBatcher({
    // A batch that lost a race is retried row by row, and so is each row.
    run: (batch) => (batch.length === 1 ? againAfterCollision(() => run(batch)) : run(batch)),
    key: (visit) => visit.visitorId,
    maxRows: 200,
    maxRunning: options.maxRunning,
    maxWaiting: 10_000,
    maxWaitMs: MAX_WAIT_MS,
    maxOfKey: MAX_OF_VISITOR,
    retryAlone: (error) => !isAway(error),
    onBatch: options.onBatch,
  });

  return {
    add: batcher.add,
    drain: batcher.drain,
    async hasHeld(siteId, visitorId) {
      const { rowCount } = await db.query(
        'select from leases where visitor_id = $2 and site_id = $1 limit 1',
        [siteId, visitorId],
      );
      return rowCount === 1;
    },
    async currentSession(siteId, visitorId) {
      const { rows } = await db.query<{
        source: string;
        medium: string;
        campaign: string | null;
        landing_page: string;
        referrer_domain: string | null;
        idle_ms: number;
      }>(
        `select
          source,
          medium,
          campaign,
          landing_page,
          referrer_domain,
          (extract(epoch from clock_timestamp() - last_seen_at) * 1000)::float8 as idle_ms
        from sessions
        where id = (select session_id from visitors where id = $2 and site_id = $1)`,
        [siteId, visitorId],
      );
      const row = rows[0];
      if (!row) return null;
      const session: SessionSource = {
        source: row.source,
        medium: row.medium,
        campaign: row.campaign,
        landingPage: row.landing_page,
        referrerDomain: row.referrer_domain,
        idleMs: row.idle_ms,
      };
      return session;
    },
  };
}
