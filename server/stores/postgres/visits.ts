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
  withdrawn: boolean | null;
  session_id: string | null;
  last_seen_at: number | null;
  campaign_signature: string | null;
  landing_page_url: string | null;
  referring_url: string | null;
  now: number;
}

interface Decided {
  visit: Visit;
  at: Date;
  sessionId: string;
  startsSession: boolean;
  /** What the visitor's session must still be for this one to start. */
  previousSessionId: string | null;
  /** null: no touch. */
  touchId: string | null;
}

function stateOf(row: VisitorRow | undefined): VisitorState | null {
  if (!row?.site_id) return null;
  return {
    siteId: row.site_id,
    sessionId: row.session_id,
    lastSeenAt: row.last_seen_at === null ? null : new Date(row.last_seen_at),
    campaignSignature: row.campaign_signature,
    landingPageUrl: row.landing_page_url,
    referringUrl: row.referring_url,
  };
}

/** The rows of commit-visits.sql. Reading JSON is a good part of its work: what would be null or empty is left out. */
const visitRow = ({ visit, sessionId, startsSession, previousSessionId }: Decided) => ({
  visitor_id: visit.visitorId,
  site_id: visit.siteId,
  at: visit.now,
  session_id: sessionId,
  starts_session: startsSession || undefined,
  previous_session_id: startsSession ? (previousSessionId ?? undefined) : undefined,
  page_view_id: visit.page.id,
  url: visit.page.url,
  title: visit.page.title ?? undefined,
  referrer: visit.page.referrer ?? undefined,
  ids: isEmpty(visit.ids) ? undefined : visit.ids,
});

const arrivalRow = ({ visit: { visitorId, deviceType, arrival }, touchId }: Decided) => ({
  visitor_id: visitorId,
  touch_id: touchId,
  device_type: deviceType,
  source: arrival.source,
  medium: arrival.medium,
  campaign: arrival.campaign ?? undefined,
  term: arrival.term ?? undefined,
  content: arrival.content ?? undefined,
  utm: arrival.utm,
  click_ids: arrival.clickIds,
  campaign_signature: arrival.campaignSignature ?? undefined,
  landing_page_url: arrival.landingPageUrl,
  landing_page: arrival.landingPage,
  landing_params: arrival.landingParams,
  referring_url: arrival.referringUrl ?? undefined,
  referrer_domain: arrival.referrerDomain ?? undefined,
});

const leaseRow = (visitorId: string, lease: LeaseProposal) => ({
  id: lease.leaseId,
  visitor_id: visitorId,
  own_seconds: lease.ownSeconds,
  min_seconds: lease.minSeconds,
});

const leaseRows = ({ visit: { visitorId, signed, proposed } }: Decided) => [
  ...signed.map((lease) => leaseRow(visitorId, lease)),
  ...proposed.map((lease) => ({
    ...leaseRow(visitorId, lease),
    tracker_id: lease.trackerId,
    number: lease.number,
    assignment: lease.assignment,
  })),
];

function isEmpty(record: Record<string, string>): boolean {
  for (const _ in record) return false;
  return true;
}

/** The visit with what was decided about its session. */
function decide(visit: Visit, row: VisitorRow, now: Date, decideSession: DecideSession): Decided {
  const at = visit.now ?? now;
  const { startsSession, isTouch } = decideSession(stateOf(row), visit.arrival, at);
  return {
    visit,
    at,
    sessionId: startsSession || !row.session_id ? newId() : row.session_id,
    startsSession,
    previousSessionId: row.session_id,
    touchId: isTouch ? newId() : null,
  };
}

/** Visits in Postgres, by group commit. */
export function createVisitStore(
  db: Queryable,
  decideSession: DecideSession,
  options: { onBatch?: (rows: number) => void; onTime?: (now: Date) => void } = {},
): VisitStore {
  async function readVisitors(ids: string[]): Promise<{ states: Map<string, VisitorRow>; now: Date }> {
    const { rows } = await db.query<VisitorRow>({ name: 'read-visitors', text: READ, values: [ids] });
    const now = new Date((rows[0] as VisitorRow).now);
    options.onTime?.(now);
    return { states: new Map(rows.map((row) => [row.id, row])), now };
  }

  /** Writes a batch; the visitors and leases of it that were refused. */
  async function commit(
    decided: Decided[],
    now: Date,
  ): Promise<{ visits: Set<string>; leases: Set<string> }> {
    const arrivals = decided.filter(({ touchId }) => touchId !== null);
    const values = [
      now,
      JSON.stringify(decided.map(visitRow)),
      JSON.stringify(arrivals.map(arrivalRow)),
      JSON.stringify(decided.flatMap(leaseRows)),
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
      const { states, now } = await readVisitors(pending.map((visit) => visit.visitorId));
      const decided: Decided[] = [];
      for (const visit of pending) {
        const row = states.get(visit.visitorId) as VisitorRow;
        if ((row.site_id && row.site_id !== visit.siteId) || row.withdrawn)
          results.set(visit, { kind: 'foreign' });
        else decided.push(decide(visit, row, now, decideSession));
      }
      if (decided.length === 0) break;
      const refused = await commit(decided, now);
      for (const { visit, sessionId, at } of decided) {
        if (refused.visits.has(visit.visitorId)) continue;
        const leases = [...visit.proposed, ...visit.signed].map((lease) => lease.leaseId);
        const standing = new Set(leases.filter((id) => !refused.leases.has(id)));
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
    // One batch at a time: what comes in meanwhile shares the next, and a batch costs less a row the larger it is.
    maxRunning: 1,
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
