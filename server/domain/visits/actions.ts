import { readPhone } from '../../lib/phone.js';
import type { LeaseHistory } from '../../stores/lease-history.js';
import type { LeaseStore } from '../../stores/lease-store.js';
import type { VisitorStore } from '../../stores/visitors.js';
import { poolOf } from '../leasing/pool.js';
import type { Settings } from '../settings/settings.js';
import type { BrowserEvent } from './browser-event.js';

export interface ActionDeps {
  settings: Pick<Settings, 'trackerById'>;
  leases: Pick<LeaseStore, 'release'>;
  history: Pick<LeaseHistory, 'held'>;
  visitors: VisitorStore;
  /** Decides calls anew that a tap, told late, may have led to. */
  afterTap: (tap: { siteId: string; number: string; tappedAt: Date }) => Promise<void>;
  onLeaseFailure: (error: unknown) => void;
}

/** A tel: link was opened: its number, or all that it says. It counts only from the visitor who holds that number; a link that writes a message does not. */
export async function tap(deps: ActionDeps, { site, request }: BrowserEvent): Promise<void> {
  const { visitor } = request;
  const link = request.number ?? '';
  if (/^\s*sms:/i.test(link)) return;
  const number = readPhone(link.replace(/^\s*tel:/i, ''), site.default_region);
  if (!visitor || !number) return;
  const leaseId = await deps.history.held(site.id, visitor, number);
  if (leaseId === null) return;
  const tappedAt = await deps.visitors.addTap({ siteId: site.id, visitorId: visitor, leaseId, number });
  if (tappedAt) await deps.afterTap({ siteId: site.id, number, tappedAt });
}

/** A form was sent. */
export async function lead(deps: ActionDeps, { site, request }: BrowserEvent): Promise<void> {
  if (!request.lead) return;
  const visitorId = request.consent === 'none' ? null : (request.visitor ?? null);
  await deps.visitors.addLead({
    siteId: site.id,
    visitorId,
    pageUrl: request.page.url,
    details: request.lead,
  });
}

/** A short code for the visitor to give on the phone; null for who is not known here. */
export async function code(deps: ActionDeps, { site, request }: BrowserEvent): Promise<string | null> {
  if (!request.visitor || request.consent === 'none') return null;
  return deps.visitors.giveCode({ siteId: site.id, visitorId: request.visitor, pageUrl: request.page.url });
}

/** Consent is gone: the leases end, the visitor is no candidate for a call any more. */
export async function withdraw(deps: ActionDeps, { site, request }: BrowserEvent): Promise<void> {
  const { visitor } = request;
  if (!visitor) return;
  for (const trackerId of await deps.visitors.withdraw(site.id, visitor)) {
    const tracker = deps.settings.trackerById(trackerId);
    // The history has ended the lease, so a store that cannot be told now offers it in vain at worst.
    if (tracker) await deps.leases.release(poolOf(tracker), visitor).catch(deps.onLeaseFailure);
  }
}
