import type { Limiter } from '../../stores/limiter.js';

/** What one request may take of its address' allowance: one new lease a tracker counts once, however often it is tried. */
export interface Allowance {
  take(): Promise<boolean>;
  /** No lease came of it. */
  giveBack(): Promise<void>;
}

/**
 * Visitors who have held a number before cost nothing: the limit is on new ones, whom anybody can make up. Having been
 * seen is not enough, since a first view is stored even if it gets no number.
 */
export function allowanceFor(limiter: Limiter, address: string, hasHeld: () => Promise<boolean>): Allowance {
  let taken: Promise<boolean> | null = null;
  let counted = false;
  async function ask(): Promise<boolean> {
    if (await hasHeld()) return true;
    counted = await limiter.take(address);
    return counted;
  }
  return {
    take() {
      taken ??= ask();
      return taken;
    },
    async giveBack() {
      if (!counted) return;
      counted = false;
      await limiter.giveBack(address);
    },
  };
}
