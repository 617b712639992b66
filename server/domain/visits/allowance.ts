import { networkOf } from '../../lib/address.js';
import type { Limiter } from '../../stores/limiter.js';

/** Leases for new visitors: the public site key must not drain a pool. */
export interface NewLeaseLimits {
  byAddress: Limiter;
  bySite: Limiter;
  /** Told of a visitor who got no number because of a limit. */
  onLimited: (by: 'address' | 'site') => void;
}

export interface Newcomer {
  address: string;
  siteId: string;
  /** Their browser says that they were here before: worth asking the history first, which alone decides. */
  claimsVisits: boolean;
  hasHeld: () => Promise<boolean>;
}

/** What one request may take of the allowances: new leases count once, however many trackers are asked and how often. */
export interface Allowance {
  take(): Promise<boolean>;
  /** No new lease came of it. */
  giveBack(): void;
}

/**
 * Visitors who have held a number before cost nothing: the limits are on new ones, whom anybody can make up. Having been
 * seen is not enough, since a first view is stored even if it gets no number.
 */
export function allowanceFor(limits: NewLeaseLimits, newcomer: Newcomer): Allowance {
  const network = networkOf(newcomer.address);
  let taken: Promise<boolean> | null = null;
  let counted = false;

  async function count(): Promise<'address' | 'site' | null> {
    if ((await limits.byAddress.take(network)) > 0) return 'address';
    if ((await limits.bySite.take(newcomer.siteId)) === 0) return null;
    limits.byAddress.giveBack(network);
    return 'site';
  }

  async function ask(): Promise<boolean> {
    if (newcomer.claimsVisits && (await newcomer.hasHeld())) return true;
    const over = await count();
    if (over === null) {
      counted = true;
      return true;
    }
    if (!newcomer.claimsVisits && (await newcomer.hasHeld())) return true;
    limits.onLimited(over);
    return false;
  }

  return {
    take() {
      taken ??= ask();
      return taken;
    },
    giveBack() {
      if (!counted) return;
      counted = false;
      limits.byAddress.giveBack(network);
      limits.bySite.giveBack(newcomer.siteId);
    },
  };
}
