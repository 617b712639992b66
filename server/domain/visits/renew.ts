import type { EventReply } from '../../../shared/events.js';
import type { LeaseOffer, LeaseStore } from '../../stores/lease-store.js';
import type { Tracker } from '../../stores/settings.js';
import type { VisitStore } from '../../stores/visits.js';
import { type Choice, chooseNumber, once } from '../leasing/choose-numbers.js';
import { ownSeconds, poolOf } from '../leasing/pool.js';
import type { Settings } from '../settings/settings.js';
import { arrivalRecord } from '../sources/arrival-record.js';
import { type BrowserEvent, plainReply } from './browser-event.js';
import { sessionFacts } from './session-facts.js';
import { renewAfter, swapsOf } from './swaps.js';

export interface RenewDeps {
  settings: Pick<Settings, 'trackersOf'>;
  leases: Pick<LeaseStore, 'renew' | 'leave'>;
  visits: Pick<VisitStore, 'currentSession'>;
  onLeaseFailure: (error: unknown) => void;
  /** The time by the database's clock, as far as it is known. */
  now: () => Date;
}

/**
 * A sign of a page that is still shown: the leases of its targets are promised anew. It never takes a new number; a
 * page that lost its own asks with a view. Goes on while Postgres is away.
 */
export async function renew(deps: RenewDeps, { site, request }: BrowserEvent): Promise<EventReply> {
  const visitorId = request.visitor ?? null;
  const ids = { visitor: visitorId, session: request.session ?? null };
  const targets = [...new Set(request.found)].map(
    (target) => [target, deps.settings.trackersOf(site.id, target)] as const,
  );
  const trackers = targets.flatMap(([, some]) => some);
  if (trackers.length === 0) return plainReply('no_target', ids);

  const arrival = arrivalRecord(site, request.landing ?? request.page);
  // Only source trackers with a match need it; without Postgres they fall back to how this page was reached.
  const facts = await sessionFacts(deps.visits, { siteId: site.id, visitorId, arrival }, trackers).catch(() =>
    sessionFacts(deps.visits, { siteId: site.id, visitorId: null, arrival }, trackers),
  );
  let isAway = false;
  const live = once(async (tracker: Tracker): Promise<LeaseOffer | null> => {
    if (!visitorId || isAway) return null;
    try {
      return await deps.leases.renew(
        poolOf(tracker),
        visitorId,
        ownSeconds(tracker, request.storage !== false),
      );
    } catch (error) {
      isAway = true;
      deps.onLeaseFailure(error);
      return null;
    }
  });
  const choices: Choice[] = [];
  for (const [target, some] of targets) {
    const choice = await chooseNumber(target, some, facts, visitorId ? { live, any: live } : null);
    if (choice) choices.push(choice);
  }
  const swaps = swapsOf(site, choices, deps.now());
  const status = isAway ? 'unavailable' : swaps.length > 0 ? 'ok' : 'no_number';
  return { ...ids, status, swaps, renew_after: renewAfter(swaps) };
}

/** The page was left: a last sign of its leases. */
export async function leave(deps: RenewDeps, { site, request }: BrowserEvent): Promise<void> {
  const { visitor } = request;
  if (!visitor) return;
  const trackers = new Map(
    request.found
      .flatMap((target) => deps.settings.trackersOf(site.id, target))
      .filter((tracker) => tracker.type === 'session')
      .map((tracker) => [tracker.id, tracker]),
  );
  for (const tracker of trackers.values()) {
    try {
      await deps.leases.leave(poolOf(tracker), visitor, ownSeconds(tracker, request.storage !== false));
    } catch (error) {
      deps.onLeaseFailure(error);
    }
  }
}
