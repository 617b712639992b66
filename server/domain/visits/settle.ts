import type { LeaseHistory } from '../../stores/lease-history.js';
import type { LeaseStore } from '../../stores/lease-store.js';
import type { Choice } from '../leasing/choose-numbers.js';

export interface SettleDeps {
  leases: LeaseStore;
  history: Pick<LeaseHistory, 'takeBack'>;
  /** Told of a lease store that failed: the page keeps its own number, an operator should know why. */
  onLeaseFailure: (error: unknown) => void;
  onRefused: () => void;
}

/**
 * Tells the lease store what became of its offers and returns the choices that stand. A store that fails here changes
 * nothing for the visitor: what the history took may be shown, and the store is told again by the next view.
 */
export async function settle(
  deps: SettleDeps,
  visitorId: string,
  choices: Choice[],
  standing: Set<string>,
): Promise<Choice[]> {
  const stands = ({ lease }: Choice) => !lease || standing.has(lease.leaseId);
  const byLease = new Map(choices.map((choice) => [choice.lease?.leaseId, choice]));
  try {
    for (const choice of byLease.values()) {
      const { lease, tracker } = choice;
      if (!lease) continue;
      if (!stands(choice)) {
        deps.onRefused();
        await deps.leases.correct(tracker.id, lease, visitorId);
      } else if (!lease.confirmed) await deps.leases.confirm(tracker.id, lease);
    }
  } catch (error) {
    deps.onLeaseFailure(error);
  }
  return choices.filter(stands);
}

/** Takes back offers made to a visitor id that turned out to be another site's, or of one who withdrew. */
export async function takeBack(deps: SettleDeps, visitorId: string, choices: Choice[]): Promise<void> {
  for (const { lease, tracker } of choices) {
    if (!lease) continue;
    await deps.history.takeBack(lease.leaseId);
    await deps.leases.correct(tracker.id, lease, visitorId).catch(deps.onLeaseFailure);
  }
}
