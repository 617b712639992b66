import type { EventReply } from '../../../shared/events.js';
import { isId, newId } from '../../lib/ids.js';
import type { LeaseOffer } from '../../stores/lease-store.js';
import type { Tracker } from '../../stores/settings.js';
import type { LeaseProposal, VisitResult, VisitStore } from '../../stores/visits.js';
import { deviceType } from '../device.js';
import { type Choice, chooseNumber, type Leases, once } from '../leasing/choose-numbers.js';
import type { MatchFacts } from '../leasing/choose-trackers.js';
import { ownSeconds, poolOf } from '../leasing/pool.js';
import type { RefusalLog } from '../leasing/refusal-log.js';
import { numberPattern } from '../settings/number-pattern.js';
import type { Settings } from '../settings/settings.js';
import { arrivalRecord } from '../sources/arrival-record.js';
import { arrivedAt } from '../sources/arrived-at.js';
import { type Allowance, allowanceFor, type NewLeaseLimits } from './allowance.js';
import { analyticsIds } from './analytics-ids.js';
import { type BrowserEvent, plainReply } from './browser-event.js';
import { sessionFacts } from './session-facts.js';
import { type SettleDeps, settle, takeBack } from './settle.js';
import { renewAfter, swapsOf } from './swaps.js';

/** How often a number that the lease history refused is replaced by another before the page keeps its own. */
const ATTEMPTS = 3;

export interface ViewDeps extends SettleDeps {
  settings: Pick<Settings, 'trackersOf' | 'targetsOf'>;
  visits: Pick<VisitStore, 'add' | 'currentSession' | 'hasHeld'>;
  /** null: no limits. */
  newLeases: NewLeaseLimits | null;
  refusals: Pick<RefusalLog, 'add'>;
}

interface Chosen {
  choices: Choice[];
  /** Those whose pools were asked for a number and had none. */
  short: Tracker[];
  /** The lease store is away. */
  isAway: boolean;
}

interface Asker {
  id: string;
  storage: boolean;
  /** null: unlimited. */
  allowance: Allowance | null;
  /** The browser says that they were here before, so they may well hold a number. */
  claimsVisits: boolean;
  /** The ids under which new leases were asked for. */
  asked: Set<string>;
}

type Targets = Map<string, Tracker[]>;

async function choose(
  deps: ViewDeps,
  targets: Targets,
  facts: MatchFacts | null,
  visitor: Asker | null,
): Promise<Chosen> {
  let isAway = false;
  const short: Tracker[] = [];
  const acquire = (liveOnly: boolean) =>
    once(async (tracker): Promise<LeaseOffer | null> => {
      if (!visitor || isAway) return null;
      const leaseId = newId();
      visitor.asked.add(leaseId);
      try {
        const offer = await deps.leases.acquire({
          pool: poolOf(tracker),
          visitorId: visitor.id,
          leaseId,
          ownSeconds: ownSeconds(tracker, visitor.storage),
          liveOnly,
        });
        if (!offer && !liveOnly) short.push(tracker);
        return offer;
      } catch (error) {
        isAway = true;
        deps.onLeaseFailure(error);
        return null;
      }
    });
  const live = acquire(true);
  const fresh = acquire(false);
  const any = once(async (tracker): Promise<LeaseOffer | null> => {
    if (!visitor?.allowance) return fresh(tracker);
    const held = visitor.claimsVisits ? await live(tracker) : null;
    return held ?? ((await visitor.allowance.take()) ? fresh(tracker) : live(tracker));
  });
  const leases: Leases | null = visitor && { live, any };
  const choices: Choice[] = [];
  for (const [target, trackers] of targets) {
    const choice = await chooseNumber(target, trackers, facts, leases);
    if (choice) choices.push(choice);
  }
  return { choices, short, isAway };
}

/** The leases of the choices, one a tracker, as the visit writes them. */
function leasesOf(choices: Choice[], storage: boolean) {
  const proposals = new Map<string, LeaseProposal & { confirmed: boolean }>();
  for (const { tracker, lease } of choices) {
    if (!lease) continue;
    proposals.set(lease.leaseId, {
      leaseId: lease.leaseId,
      trackerId: tracker.id,
      number: lease.number,
      assignment: lease.assignment,
      ownSeconds: ownSeconds(tracker, storage),
      minSeconds: tracker.min_reservation_seconds,
      confirmed: lease.confirmed,
    });
  }
  const all = [...proposals.values()];
  return {
    proposed: all.filter((lease) => !lease.confirmed),
    signed: all.filter((lease) => lease.confirmed),
  };
}

/**
 * A page view: stores the visit and answers which numbers to show. A number is answered only after the lease history
 * took it. Without consent nothing is stored, and only source trackers show.
 */
export async function view(
  deps: ViewDeps,
  { site, request, userAgent, address, country }: BrowserEvent,
): Promise<EventReply> {
  const { page, landing } = request;
  const arrival = arrivalRecord(site, arrivedAt(page, landing, site.allowed_origins));
  const targets: Targets = new Map(
    [...new Set(request.found)].map((target) => [target, deps.settings.trackersOf(site.id, target)]),
  );
  const trackers = [...targets.values()].flat();
  for (const [target, fitting] of targets) if (fitting.length === 0) targets.delete(target);

  if (request.consent === 'none') {
    const facts = await sessionFacts(deps.visits, { siteId: site.id, visitorId: null, arrival }, trackers);
    const { choices } = await choose(deps, targets, facts, null);
    return reply({ visitor: null, session: null, targets, choices, isAway: false, at: new Date() });
  }

  const storage = request.storage !== false;
  let visitorId = isId(request.visitor) ? request.visitor : newId();
  const pageId = isId(request.page.id) ? request.page.id : newId();
  const claimsVisits = isId(request.session);
  const hasHeld = () => deps.visits.hasHeld(site.id, visitorId);
  const allowance =
    deps.newLeases && allowanceFor(deps.newLeases, { address, siteId: site.id, claimsVisits, hasHeld });
  const asked = new Set<string>();
  for (let attempt = 0; ; attempt += 1) {
    const facts = await sessionFacts(deps.visits, { siteId: site.id, visitorId, arrival }, trackers);
    const asker = { id: visitorId, storage, allowance, claimsVisits, asked };
    const { choices, short, isAway } = await choose(deps, targets, facts, asker);
    const result: VisitResult = await deps.visits.add({
      siteId: site.id,
      visitorId,
      page: {
        id: pageId,
        url: request.page.url,
        title: request.page.title || null,
        referrer: request.page.referrer || null,
      },
      deviceType: deviceType(userAgent),
      country,
      ids: analyticsIds(request.ids ?? {}),
      arrival,
      ...leasesOf(choices, storage),
    });
    if (result.kind === 'foreign') {
      await takeBack(deps, visitorId, choices);
      visitorId = newId();
      continue;
    }
    const standing = await settle(deps, visitorId, choices, result.standing);
    if (standing.length < choices.length && attempt < ATTEMPTS) continue;
    if (!standing.some(({ lease }) => lease && asked.has(lease.leaseId))) allowance?.giveBack();
    for (const { id } of short) {
      deps.refusals.add({ trackerId: id, siteId: site.id, sessionId: result.sessionId });
    }
    return reply({
      visitor: visitorId,
      session: result.sessionId,
      targets,
      choices: standing,
      isAway,
      at: result.at,
    });
  }

  function reply(outcome: {
    visitor: string | null;
    session: string | null;
    targets: Targets;
    choices: Choice[];
    isAway: boolean;
    at: Date;
  }): EventReply {
    const { visitor, session } = outcome;
    if (outcome.targets.size === 0) {
      // The page shows none, or its script does not know what to look for.
      return {
        ...plainReply('no_target', { visitor, session }),
        ...numberPattern(deps.settings.targetsOf(site.id)),
      };
    }
    const swaps = swapsOf(site, outcome.choices, outcome.at);
    const status = outcome.isAway ? 'unavailable' : swaps.length > 0 ? 'ok' : 'no_number';
    return { visitor, session, status, swaps, renew_after: renewAfter(swaps) };
  }
}
