import { type Batcher, createBatcher } from '../../lib/batcher.js';
import { newId } from '../../lib/ids.js';
import { sqlFile } from '../../lib/sql.js';
import type {
  DecideSession,
  SessionSource,
  Visit,
  VisitorState,
  VisitResult,
  VisitStore,
} from '../visits.js';
import { isAway } from './failures.js';
import { booleans, numbers, texts, times, uuids } from './lists.js';
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

/** The lists of commit-visits.sql. */
const visitLists = (decided: Decided[]) => [
  uuids(decided.map(({ visit }) => visit.visitorId)),
  uuids(decided.map(({ visit }) => visit.siteId)),
  times(decided.map(({ visit }) => visit.now ?? null)),
  uuids(decided.map(({ sessionId }) => sessionId)),
  booleans(decided.map(({ startsSession }) => startsSession)),
  uuids(decided.map(({ startsSession, previousSessionId }) => (startsSession ? previousSessionId : null))),
  uuids(decided.map(({ visit }) => visit.page.id)),
  texts(decided.map(({ visit }) => visit.page.url)),
  texts(decided.map(({ visit }) => visit.page.title)),
  texts(decided.map(({ visit }) => visit.page.referrer)),
  texts(decided.map(({ visit: { ids } }) => (isEmpty(ids) ? null : JSON.stringify(ids)))),
];

const arrivalLists = (arrived: Decided[]) => {
  const arrivals = arrived.map(({ visit }) => visit.arrival);
  return [
    uuids(arrived.map(({ visit }) => visit.visitorId)),
    uuids(arrived.map(({ touchId }) => touchId)),
    texts(arrived.map(({ visit }) => visit.deviceType)),
    texts(arrivals.map(({ source }) => source)),
    texts(arrivals.map(({ medium }) => medium)),
    texts(arrivals.map(({ campaign }) => campaign)),
    texts(arrivals.map(({ term }) => term)),
    texts(arrivals.map(({ content }) => content)),
    texts(arrivals.map(({ utm }) => JSON.stringify(utm))),
    texts(arrivals.map(({ clickIds }) => JSON.stringify(clickIds))),
    texts(arrivals.map(({ campaignSignature }) => campaignSignature)),
    texts(arrivals.map(({ landingPageUrl }) => landingPageUrl)),
    texts(arrivals.map(({ landingPage }) => landingPage)),
    texts(arrivals.map(({ landingParams }) => JSON.stringify(landingParams))),
    texts(arrivals.map(({ referringUrl }) => referringUrl)),
    texts(arrivals.map(({ referrerDomain }) => referrerDomain)),
  ];
};

/** A lease that was signed needs no number: it has one. */
const leaseLists = (decided: Decided[]) => {
  const leases = decided.flatMap(({ visit: { visitorId, signed, proposed } }) => [
    ...signed.map((lease) => ({ visitorId, lease, isNew: false })),
    ...proposed.map((lease) => ({ visitorId, lease, isNew: true })),
  ]);
  return [
    uuids(leases.map(({ lease }) => lease.leaseId)),
    uuids(leases.map(({ visitorId }) => visitorId)),
    uuids(leases.map(({ lease, isNew }) => (isNew ? lease.trackerId : null))),
    texts(leases.map(({ lease, isNew }) => (isNew ? lease.number : null))),
    texts(leases.map(({ lease, isNew }) => (isNew ? lease.assignment : null))),
    numbers(leases.map(({ lease }) => lease.ownSeconds)),
    numbers(leases.map(({ lease }) => lease.minSeconds)),
  ];
};

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
    const { rows } = await db.query<VisitorRow>({ name: 'read-visitors', text: READ, values: [uuids(ids)] });
    const now = new Date((rows[0] as VisitorRow).now);
    options.onTime?.(now);
    return { states: new Map(rows.map((row) => [row.id, row])), now };
  }

  /** Writes a batch; the visitors and leases of it that were refused. */
  async function commit(
    decided: Decided[],
    now: Date,
  ): Promise<{ visits: Set<string>; leases: Set<string> }> {
    const arrived = decided.filter(({ touchId }) => touchId !== null);
    const values = [
      now,
      ...visitLists(decided),
      ...arrivalLists(arrived),
      ...leaseLists(decided),
      texts(arrived.map(({ visit }) => visit.country)),
      texts(arrived.map(({ visit }) => visit.arrival.channel)),
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
        channel: string | null;
        idle_ms: number;
      }>(
        `select
          source,
          medium,
          campaign,
          landing_page,
          referrer_domain,
          channel,
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
        channel: row.channel,
        idleMs: row.idle_ms,
      };
      return session;
    },
  };
}
