import type { CallStore } from '../../stores/calls.js';
import type { Settings } from '../settings/settings.js';
import { attribute } from './attribute.js';
import { foldCall } from './fold.js';

export interface DecideAgainDeps {
  store: Pick<CallStore, 'withCall' | 'callsAround'>;
  settings: Pick<Settings, 'trackerById' | 'siteById'>;
}

/**
 * A tap that was told after the call it led to: calls to this number that had begun by then are decided anew. The
 * decision of before stays beside the new one.
 */
export async function decideAgainAfterTap(
  { store, settings }: DecideAgainDeps,
  { siteId, number, tappedAt }: { siteId: string; number: string; tappedAt: Date },
): Promise<void> {
  for (const key of await store.callsAround(siteId, number, tappedAt)) {
    await store.withCall(key, async (call) => {
      const before = await call.find(siteId);
      const tracker = before && settings.trackerById(before.tracker_id);
      const site = settings.siteById(siteId);
      const folded = foldCall(await call.events(siteId, false));
      if (!before || !tracker || !site || !folded) return;
      await attribute(call, { id: before.id, number: { site, tracker }, folded });
    });
  }
}
