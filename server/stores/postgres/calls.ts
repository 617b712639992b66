import { newId } from '../../lib/ids.js';
import { sqlFile } from '../../lib/sql.js';
import { storableJson } from '../../lib/text.js';
import type {
  AttributionRow,
  CallKey,
  CallRow,
  CallStore,
  CallTransaction,
  SessionRow,
  StoredCallEvent,
} from '../calls.js';
import { callFacts } from './call-facts.js';
import { keepTouches } from './call-touches.js';
import { createLeaseHistory } from './lease-history.js';
import { type Client, inTransaction, type Pool, type Queryable } from './pool.js';
import { againAfterCollision } from './retry.js';

const SAVE = sqlFile(import.meta.url, './sql/save-call.sql');

/** The columns of a decision, the latest of a call. */
export const LATEST_DECISION = `select
    method, confidence, visitor_id, session_id, lease_id, candidates, reasons, rule_version, decided_at
  from attributions
  where call_id = $1
  order by decided_at desc, id desc
  limit 1`;

async function latestDecision(db: Queryable, callId: string): Promise<AttributionRow | null> {
  const { rows } = await db.query<AttributionRow>(LATEST_DECISION, [callId]);
  return rows[0] ?? null;
}

function transaction(client: Client, key: CallKey): CallTransaction {
  const byKey = [key.provider, key.callId];
  return {
    async now() {
      const { rows } = await client.query<{ now: Date }>('select clock_timestamp() as now');
      return (rows[0] as { now: Date }).now;
    },
    async find(siteId) {
      const { rows } = await client.query<CallRow>(
        `select id, site_id, tracker_id, tracking_number, caller_number, started_at, status
        from calls
        where provider = $1
          and provider_call_id = $2
          and ($3::uuid is null or site_id = $3)
        limit 2`,
        [...byKey, siteId],
      );
      // Two sites may use the same id; without a site we cannot tell them apart.
      return rows.length === 1 ? (rows[0] ?? null) : null;
    },
    async addEvent(siteId, { id, ageMs, event, body }) {
      const added = await client.query(
        `insert into call_events (id, site_id, provider, provider_call_id, type, received_at, event, body)
        values ($1, $2, $3, $4, $5, clock_timestamp() - make_interval(secs => $6 / 1000.0), $7, $8)
        on conflict (id) do nothing`,
        [id, siteId, ...byKey, event.type, ageMs, storableJson(event), storableJson(body ?? {})],
      );
      return added.rowCount === 1;
    },
    async events(siteId, adopt) {
      if (adopt && siteId !== null) {
        await client.query(
          `update call_events
          set site_id = $3
          where provider = $1
            and provider_call_id = $2
            and site_id is null`,
          [...byKey, siteId],
        );
      }
      const { rows } = await client.query<StoredCallEvent>(
        `select event, received_at
        from call_events
        where provider = $1
          and provider_call_id = $2
          and site_id is not distinct from $3
        order by received_at, id`,
        [...byKey, siteId],
      );
      return rows;
    },
    facts: (ask) => callFacts(client, ask),
    async session(siteId, sessionId) {
      const { rows } = await client.query<SessionRow>(
        'select * from sessions where id = $1 and site_id = $2',
        [sessionId, siteId],
      );
      return rows[0] ?? null;
    },
    async leaseAssignment(leaseId) {
      const { rows } = await client.query<{ assignment: string }>(
        'select assignment from leases where id = $1',
        [leaseId],
      );
      return rows[0]?.assignment ?? null;
    },
    async saveCall(call) {
      await client.query(SAVE, [
        call.id,
        call.siteId,
        call.trackerId,
        ...byKey,
        call.to,
        call.destination,
        call.from,
        call.caller_name,
        call.caller_city,
        call.caller_state,
        call.caller_country,
        call.started_at,
        call.ended_at,
        call.status,
        call.duration,
        call.talk_time,
        call.recording_url,
        call.keypad,
      ]);
    },
    async addDecision(callId, siteId, decision, credit, priorCalls) {
      const { rows } = await client.query<{ decided_at: Date }>(
        `insert into attributions (
          id, call_id, site_id, decided_at, rule_version, method, confidence, visitor_id, session_id, lease_id,
          candidates, reasons, facts
        )
        values ($1, $2, $3, clock_timestamp(), $4, $5, $6, $7, $8, $9, $10, $11, $12)
        returning decided_at`,
        [
          newId(),
          callId,
          siteId,
          decision.rule_version,
          decision.method,
          decision.confidence,
          decision.visitor_id,
          decision.session_id,
          decision.lease_id,
          JSON.stringify(decision.candidates),
          JSON.stringify(decision.reasons),
          JSON.stringify(decision.facts),
        ],
      );
      await client.query(
        `update calls
        set method = $2,
          confidence = $3,
          visitor_id = $4,
          session_id = $5,
          lease_id = $6,
          assignment = $7,
          seconds_to_call = $8,
          source = $9,
          medium = $10,
          campaign = $11,
          keyword = $12,
          content = $13,
          landing_page = $14,
          device_type = $15,
          channel = $16,
          prior_calls = $17,
          first_call = caller_number is not null and $17 = 0,
          updated_at = clock_timestamp()
        where id = $1`,
        [
          callId,
          decision.method,
          decision.confidence,
          decision.visitor_id,
          decision.session_id,
          decision.lease_id,
          credit.assignment,
          credit.seconds_to_call,
          credit.source,
          credit.medium,
          credit.campaign,
          credit.keyword,
          credit.content,
          credit.landing_page,
          credit.device_type,
          credit.channel,
          priorCalls,
        ],
      );
      await keepTouches(client, callId);
      return (rows[0] as { decided_at: Date }).decided_at;
    },
    latestDecision: (callId) => latestDecision(client, callId),
    async latestFacts(callId) {
      const { rows } = await client.query<{ facts: unknown }>(
        `select facts
        from attributions
        where call_id = $1
        order by decided_at desc, id desc
        limit 1`,
        [callId],
      );
      return rows[0]?.facts ?? null;
    },
    hold: (number, seconds) => createLeaseHistory(client).hold(number, seconds),
  };
}

/** Calls in Postgres. */
export function createCallStore(pool: Pool): CallStore {
  return {
    withCall: (key, work) =>
      againAfterCollision(() =>
        inTransaction(pool, async (client) => {
          // One event of a call at a time, from whichever server: the fold reads what the others wrote.
          await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
            `call ${key.provider} ${key.callId}`,
          ]);
          return work(transaction(client, key));
        }),
      ),
    latestDecision: (callId) => latestDecision(pool, callId),
    async callsAround(siteId, number, at) {
      const { rows } = await pool.query<{ provider: string; provider_call_id: string }>(
        `select provider, provider_call_id
        from calls
        where tracking_number = $2
          and site_id = $1
          and started_at between $3::timestamptz - interval '10 seconds' and $3::timestamptz + interval '1 minute'
        order by started_at
        limit 10`,
        [siteId, number, at],
      );
      return rows.map((row) => ({ provider: row.provider, callId: row.provider_call_id }));
    },
    async keyOf(id) {
      const { rows } = await pool.query<{ provider: string; provider_call_id: string; site_id: string }>(
        'select provider, provider_call_id, site_id from calls where id = $1',
        [id],
      );
      const row = rows[0];
      return row ? { provider: row.provider, callId: row.provider_call_id, siteId: row.site_id } : null;
    },
  };
}
