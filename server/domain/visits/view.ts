import type { EventReply } from '../../../shared/events.js';
import { isId, newId } from '../../lib/ids.js';
import type { LeaseHistory } from '../../stores/lease-history.js';
import type { LeaseOffer, LeaseStore } from '../../stores/lease-store.js';
import type { Limiter } from '../../stores/limiter.js';
import type { Tracker } from '../../stores/settings.js';
import type { LeaseProposal, VisitResult, VisitStore } from '../../stores/visits.js';
import { deviceType } from '../device.js';
import { type Choice, chooseNumber, type Leases, once } from '../leasing/choose-numbers.js';
import type { MatchFacts } from '../leasing/choose-trackers.js';
import { ownSeconds, poolOf } from '../leasing/pool.js';
import type { Settings } from '../settings/settings.js';
import { arrivalRecord } from '../sources/arrival-record.js';
import { type BrowserEvent, plainReply } from './browser-event.js';
import { sessionFacts } from './session-facts.js';
import { renewAfter, swapsOf } from './swaps.js';

/** How often a number that the lease history refused is replaced by another before the page keeps its own. */
const ATTEMPTS = 3;

export interface ViewDeps {
  settings: Pick<Settings, 'trackersOf' | 'targetsOf'>;
  leases: LeaseStore;
  history: Pick<LeaseHistory, 'readNumber' | 'end'>;
  visits: Pick<VisitStore, 'add' | 'currentSession'>;
  /** Leases for new visitors, by address: the public site key must not drain a pool. */
  newLeases: Limiter;
  /** Told of a lease store that failed: the page keeps its own number, an operator should know why. */
  onLeaseFailure: (error: unknown) => void;
  onRefused: () => void;
}

interface Chosen {
  choices: Choice[];
  /** The lease store is away. */
  isAway: boolean;
}

type Targets = Map<string, Tracker[]>;

async function choose(
  deps: ViewDeps,
  targets: Targets,
  facts: MatchFacts | null,
  visitor: { id: string; storage: boolean; address: string } | null,
): Promise<Chosen> {
  let isAway = false;
  const acquire = (liveOnly: boolean) =>
    once(async (tracker): Promise<LeaseOffer | null> => {
      if (!visitor || isAway) return null;
      try {
        return await deps.leases.acquire({
          pool: poolOf(tracker),
          visitorId: visitor.id,
          leaseId: newId(),
          ownSeconds: ownSeconds(tracker, visitor.storage),
          liveOnly,
        });
      } catch (error) {
        isAway = true;
        deps.onLeaseFailure(error);
        return null;
      }
    });
  const live = acquire(true);
  const fresh = acquire(false);
  const any = once(async (tracker): Promise<LeaseOffer | null> => {
    const held = await live(tracker);
    if (held || !visitor || !(await deps.newLeases.take(visitor.address))) return held;
    const made = await fresh(tracker);
    if (!made) await deps.newLeases.giveBack(visitor.address);
    return made;
  });
  const leases: Leases | null = visitor && { live, any };
  const choices: Choice[] = [];
  for (const [target, trackers] of targets) {
    const choice = await chooseNumber(target, trackers, facts, leases);
    if (choice) choices.push(choice);
  }
  return { choices, isAway };
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

/** The lease history did not take this offer: the store takes over what the history says of the number. */
async function correct(deps: ViewDeps, { tracker, lease }: Choice): Promise<void> {
  if (lease)
    await deps.leases.correct(tracker.id, lease, await deps.history.readNumber(tracker.id, lease.number));
}

/**
 * Tells the lease store what became of its offers and returns the choices that stand. A store that fails here changes
 * nothing for the visitor: what the history took may be shown, and the store is told again by the next view.
 */
async function settle(deps: ViewDeps, choices: Choice[], standing: Set<string>): Promise<Choice[]> {
  const stands = ({ lease }: Choice) => !lease || standing.has(lease.leaseId);
  const byLease = new Map(choices.map((choice) => [choice.lease?.leaseId, choice]));
  try {
    for (const choice of byLease.values()) {
      if (!choice.lease) continue;
      if (!stands(choice)) {
        deps.onRefused();
        await correct(deps, choice);
      } else if (!choice.lease.confirmed) await deps.leases.confirm(choice.tracker.id, choice.lease);
    }
  } catch (error) {
    deps.onLeaseFailure(error);
  }
  return choices.filter(stands);
}

/** Takes back offers made to a visitor id that turned out to be another site's. */
async function takeBack(deps: ViewDeps, choices: Choice[]): Promise<void> {
  for (const choice of choices) {
    if (!choice.lease) continue;
    await deps.history.end(choice.lease.leaseId, 'released');
    await correct(deps, choice).catch(deps.onLeaseFailure);
  }
}

/**
 * A page view: stores the visit and answers which numbers to show. A number is answered only after the lease history
 * took it. Without consent nothing is stored, and only source trackers show.
 */
export async function view(
  deps: ViewDeps,
  { site, request, userAgent, address }: BrowserEvent,
): Promise<EventReply> {
  const arrival = arrivalRecord(site, request.landing ?? request.page);
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
  for (let attempt = 0; ; attempt += 1) {
    const facts = await sessionFacts(deps.visits, { siteId: site.id, visitorId, arrival }, trackers);
    const { choices, isAway } = await choose(deps, targets, facts, { id: visitorId, storage, address });
    const result: VisitResult = await deps.visits.add({
      siteId: site.id,
      visitorId,
      page: {
        id: pageId,
        url: request.page.url,
        title: request.page.title ?? null,
        referrer: request.page.referrer || null,
      },
      deviceType: deviceType(userAgent),
      ids: request.ids ?? {},
      arrival,
      ...leasesOf(choices, storage),
    });
    if (result.kind === 'foreign') {
      await takeBack(deps, choices);
      visitorId = newId();
      continue;
    }
    const standing = await settle(deps, choices, result.standing);
    if (standing.length < choices.length && attempt < ATTEMPTS) continue;
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
      return { ...plainReply('no_target', { visitor, session }), targets: deps.settings.targetsOf(site.id) };
    }
    const swaps = swapsOf(site, outcome.choices, outcome.at);
    const status = outcome.isAway ? 'unavailable' : swaps.length > 0 ? 'ok' : 'no_number';
    return { visitor, session, status, swaps, renew_after: renewAfter(swaps) };
  }
}
