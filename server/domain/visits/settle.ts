import type { LeaseHistory } from '../../stores/lease-history.js';
import type { LeaseStore } from '../../stores/lease-store.js';
import type { Choice } from '../leasing/choose-numbers.js';

export interface SettleDeps {
  leases: LeaseStore;
  history: Pick<LeaseHistory, 'readNumber' | 'takeBack'>;
  /** Told of a lease store that failed: the page keeps its own number, an operator should know why. */
  onLeaseFailure: (error: unknown) => void;
  onRefused: () => void;
}

/** The lease history did not take this offer: the store takes over what the history says of the number. */
async function correct(deps: SettleDeps, { tracker, lease }: Choice): Promise<void> {
  if (lease)
    await deps.leases.correct(tracker.id, lease, await deps.history.readNumber(tracker.id, lease.number));
}

/**
 * Tells the lease store what became of its offers and returns the choices that stand. A store that fails here changes
 * nothing for the visitor: what the history took may be shown, and the store is told again by the next view.
 */
export async function settle(deps: SettleDeps, choices: Choice[], standing: Set<string>): Promise<Choice[]> {
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

/** Takes back offers made to a visitor id that turned out to be another site's, or of one who withdrew. */
export async function takeBack(deps: SettleDeps, choices: Choice[]): Promise<void> {
  for (const choice of choices) {
    if (!choice.lease) continue;
    await deps.history.takeBack(choice.lease.leaseId);
    await correct(deps, choice).catch(deps.onLeaseFailure);
  }
}
