import { z } from 'zod';
import type { Candidate } from '../../domain/attribution/facts.js';
import { receiveLater, receiveStart } from '../../domain/calls/receive.js';
import type { StartedCall } from '../../domain/calls/take-event.js';
import { Problem } from '../../lib/errors.js';
import { newId } from '../../lib/ids.js';
import { asJson } from '../../lib/json.js';
import type { ReportedCall } from '../../stores/reports.js';
import type { App } from '../app-types.js';
import { e164, id } from '../schemas.js';
import type { Services } from '../services.js';
import { demoSite } from './site.js';
import type { DemoCall, DemoCandidate, DemoListedCall, DemoReason, DemoSource } from './wire.js';

/** The telephony company of the demo: this process. Calls that a real one reports are none of the demo's business. */
const PROVIDER = 'demo';
const BODY_LIMIT = 4096;
const LISTED = 20;
const DAY_MS = 86_400_000;

const reasonsOf = (reasons: DemoReason[]) => reasons.map(({ code, detail }) => ({ code, detail }));

const sourceOf = (session: DemoSource): DemoSource => ({
  source: session.source,
  medium: session.medium,
  campaign: session.campaign,
  keyword: session.keyword,
});

/** A candidate with the source of their visit, and without the ids by which others could pass for them. */
async function describe(services: Services, siteId: string, candidate: Candidate): Promise<DemoCandidate> {
  const { session_id, probability } = candidate;
  const session = session_id === null ? null : await services.reports.session(session_id);
  return {
    session_id,
    probability,
    reasons: reasonsOf(candidate.reasons),
    session: session?.site_id === siteId ? sourceOf(session) : null,
  };
}

async function answerOf(services: Services, siteId: string, call: StartedCall): Promise<DemoCall> {
  const { attribution, session } = call;
  const candidates = attribution.candidates as Candidate[];
  return {
    id: call.id,
    call_id: call.call_id,
    attribution: {
      method: attribution.method,
      confidence: attribution.confidence,
      session_id: attribution.session_id,
      reasons: reasonsOf(attribution.reasons as DemoReason[]),
      candidates: await Promise.all(candidates.map((one) => describe(services, siteId, one))),
    },
    session: session && {
      ...sourceOf({ ...session, keyword: session.term }),
      landing_page_url: session.landing_page_url,
    },
    route: call.route,
  };
}

const lineOf = (call: ReportedCall): DemoListedCall =>
  asJson({
    ...sourceOf(call),
    start_time: call.start_time,
    status: call.status,
    duration: call.duration,
    tracking_phone_number: call.tracking_phone_number,
    caller: call.customer_phone_number?.slice(-4) ?? null,
    method: call.attribution?.method ?? null,
    confidence: call.attribution?.confidence ?? 0,
  });

/** Calls to the demo's numbers, placed inside this process as a telephony company would report them. */
export function demoCalls(app: App, services: Services): void {
  app.post(
    '/demo/call',
    {
      bodyLimit: BODY_LIMIT,
      schema: { hide: true, body: z.object({ number: e164, from: e164.nullable().default(null) }) },
    },
    async (request) => {
      const { number, from } = request.body;
      const site = await demoSite(services);
      const call = await receiveStart(services.calls, {
        provider: PROVIDER,
        event: { type: 'start', call_id: newId(), to: number, from, started_at: null, caller: {} },
        body: request.body,
        siteId: site.id,
      });
      return answerOf(services, site.id, call);
    },
  );

  app.post(
    '/demo/calls/:id/end',
    {
      bodyLimit: BODY_LIMIT,
      schema: {
        hide: true,
        params: z.object({ id }),
        body: z.object({ duration: z.number().int().min(0).max(86_400) }),
      },
    },
    async (request) => {
      const { duration } = request.body;
      const site = await demoSite(services);
      const key = await services.calls.store.keyOf(request.params.id);
      if (key?.siteId !== site.id || key.provider !== PROVIDER) {
        throw new Problem('not_found', 'The demo has no such call.');
      }
      const ended = await receiveLater(services.calls, {
        provider: PROVIDER,
        event: {
          type: 'end',
          call_id: key.callId,
          to: null,
          status: 'answered',
          duration,
          talk_time: null,
          ended_at: null,
          recording_url: null,
          keypad: null,
        },
        body: request.body,
        siteId: site.id,
      });
      return { id: request.params.id, status: ended?.status ?? 'answered', duration };
    },
  );

  app.get('/demo/calls', { schema: { hide: true } }, async (_request, reply) => {
    const site = await demoSite(services);
    const now = Date.now();
    const found = await services.reports.calls(
      {
        siteId: site.id,
        // A day ahead: the database's clock may be before ours.
        period: { from: new Date(now - 30 * DAY_MS), until: new Date(now + DAY_MS) },
        minConfidence: null,
        spam: 'without',
      },
      { after: null, limit: LISTED },
    );
    const calls = found.filter(({ call }) => call.provider === PROVIDER).map(({ call }) => lineOf(call));
    reply.header('cache-control', 'no-store');
    return { calls };
  });
}
