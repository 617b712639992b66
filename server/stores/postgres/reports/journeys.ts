import type {
  CallJourney,
  ReportedCallTouch,
  ReportedDecision,
  ReportedLease,
  ReportedPageView,
  ReportedSession,
  ReportedTouch,
  SessionJourney,
} from '../../reports.js';
import type { Queryable } from '../pool.js';
import { callsOfSession } from './calls.js';

const SHOWN_BEFORE_A_CALL = 200;
const SHOWN_OF_A_SESSION = 1_000;

const SESSION = `sessions.id, sessions.site_id, sessions.visitor_id, sessions.started_at, sessions.last_seen_at,
    sessions.source, sessions.medium, sessions.campaign, sessions.term as keyword, sessions.content,
    sessions.channel, sessions.utm ->> 'source' as utm_source, sessions.utm ->> 'medium' as utm_medium,
    sessions.utm ->> 'campaign' as utm_campaign, sessions.utm ->> 'term' as utm_term,
    sessions.utm ->> 'content' as utm_content, sessions.click_ids, sessions.landing_page_url, sessions.landing_page,
    sessions.landing_params, sessions.last_requested_url, sessions.referring_url, sessions.referrer_domain,
    sessions.device_type, sessions.country, sessions.page_view_count, sessions.ids`;

const TOUCH = `touches.id, touches.session_id, touches.touched_at, touches.source, touches.medium, touches.campaign,
    touches.term as keyword, touches.content, touches.channel, touches.click_ids, touches.landing_page_url,
    touches.referring_url`;

const PAGE_VIEW = `page_views.id, page_views.session_id, page_views.viewed_at, page_views.url, page_views.title,
    page_views.referrer`;

const LEASE = `leases.id, leases.tracker_id, leases.number, leases.visitor_id, leases.session_id, leases.assignment,
    leases.leased_at, leases.last_seen_at, leases.reserved_until, leases.ended_at, leases.end_reason`;

async function rows<T extends object>(db: Queryable, text: string, values: unknown[]): Promise<T[]> {
  return (await db.query<T>(text, values)).rows;
}

export async function readSession(db: Queryable, id: string): Promise<ReportedSession | null> {
  const [session] = await rows<ReportedSession>(db, `select ${SESSION} from sessions where id = $1`, [id]);
  return session ?? null;
}

/** How a call came about. Everything is looked up from the call's own row, so nothing of another site can get in. */
export async function journeyOfCall(db: Queryable, id: string): Promise<CallJourney | null> {
  const [[session], touches, pageViews, [lease], decisions, [known]] = await Promise.all([
    rows<ReportedSession>(
      db,
      `select ${SESSION}
      from calls
      join sessions on sessions.id = calls.session_id
        and sessions.site_id = calls.site_id
      where calls.id = $1`,
      [id],
    ),
    rows<ReportedCallTouch>(
      db,
      `select
        touch_id as id, session_id, touched_at, source, medium, campaign, term as keyword, content, channel, click_ids,
        landing_page_url, referring_url, is_first as first, is_last as last, is_last_not_direct as last_not_direct,
        in_window
      from call_touches
      where call_id = $1
      order by position`,
      [id],
    ),
    rows<ReportedPageView>(
      db,
      `select ${PAGE_VIEW}
      from calls
      join trackers on trackers.id = calls.tracker_id
      join sessions on sessions.visitor_id = calls.visitor_id
        and sessions.site_id = calls.site_id
        and sessions.started_at <= calls.started_at
      join page_views on page_views.session_id = sessions.id
        and page_views.viewed_at <= calls.started_at
        and page_views.viewed_at >= calls.started_at - make_interval(days => trackers.attribution_days)
      where calls.id = $1
      order by page_views.viewed_at desc, page_views.id desc
      limit $2`,
      [id, SHOWN_BEFORE_A_CALL],
    ),
    rows<ReportedLease>(
      db,
      `select ${LEASE}
      from calls
      join leases on leases.id = calls.lease_id
        and leases.site_id = calls.site_id
      where calls.id = $1`,
      [id],
    ),
    rows<ReportedDecision>(
      db,
      `select
        id, method, confidence, session_id, visitor_id, lease_id, candidates, reasons, rule_version, decided_at, facts
      from attributions
      where call_id = $1
      order by decided_at desc, id desc`,
      [id],
    ),
    rows(db, 'select from calls where id = $1', [id]),
  ]);
  if (!known) return null;
  return {
    session: session ?? null,
    touches,
    page_views: pageViews.reverse(),
    lease: lease ?? null,
    decisions,
  };
}

/** What belongs to a session; its leases are those that the visitor held while it lasted. */
export async function journeyOfSession(
  db: Queryable,
  session: Pick<ReportedSession, 'id' | 'site_id'>,
): Promise<SessionJourney> {
  const { id } = session;
  const [page_views, touches, leases, calls] = await Promise.all([
    rows<ReportedPageView>(
      db,
      `select ${PAGE_VIEW}
      from page_views
      where page_views.session_id = $1
      order by page_views.viewed_at, page_views.id
      limit $2`,
      [id, SHOWN_OF_A_SESSION],
    ),
    rows<ReportedTouch>(
      db,
      `select ${TOUCH}
      from sessions
      join touches on touches.visitor_id = sessions.visitor_id
        and touches.session_id = sessions.id
      where sessions.id = $1
      order by touches.touched_at, touches.id`,
      [id],
    ),
    rows<ReportedLease>(
      db,
      `select ${LEASE}
      from sessions
      join leases on leases.visitor_id = sessions.visitor_id
        and leases.site_id = sessions.site_id
        and leases.leased_at <= sessions.last_seen_at
        and leases.last_seen_at >= sessions.started_at
      where sessions.id = $1
      order by leases.leased_at, leases.id`,
      [id],
    ),
    callsOfSession(db, session),
  ]);
  return { page_views, touches, leases, calls };
}
