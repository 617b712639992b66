import type { EventReply, EventRequest, EventStatus } from '../../../shared/events.js';
import { Problem } from '../../lib/errors.js';
import { createMemo } from '../../lib/memo.js';
import type { Limiter } from '../../stores/limiter.js';
import { isBotRequest, type RequestHeaders } from '../bots.js';
import type { Settings } from '../settings/settings.js';
import { type ActionDeps, code, lead, tap, withdraw } from './actions.js';
import { isAddressExcluded, isHostExcluded, isOriginAllowed, limitBySite } from './admit.js';
import { type BrowserEvent, plainReply } from './browser-event.js';
import type { InstallLog } from './install-log.js';
import { pageReport } from './page-report.js';
import { leave, type RenewDeps, renew } from './renew.js';
import { type ViewDeps, view } from './view.js';

export type BrowserEventDeps = ViewDeps &
  RenewDeps &
  ActionDeps & {
    settings: Pick<Settings, 'siteByKey' | 'targetsOf' | 'isTrackingNumber'>;
    installs: InstallLog;
    /** Requests, by site: no site takes the whole service. */
    siteRequests: Limiter;
    /** The lease history cannot be reached. */
    isHistoryAway: () => boolean;
  };

export interface Sender {
  userAgent: string | undefined;
  headers: RequestHeaders;
  origin: string | undefined;
  address: string;
  country: string | null;
}

const knownHosts = createMemo<string>(2_000);

const hostOf = (url: string): string =>
  knownHosts(url, () => (URL.canParse(url) ? new URL(url).hostname : ''));

/** Without consent nobody is recognised; only who takes it back is named, to be forgotten. */
const asConsented = (request: EventRequest): EventRequest =>
  request.consent === 'none' && request.type !== 'withdraw'
    ? { ...request, visitor: null, session: null }
    : request;

/** To an event that asks for numbers: there are none. The others have no answer. */
const noNumbers = ({ type }: EventRequest, status: EventStatus): EventReply | null =>
  type === 'view' || type === 'renew' || type === 'code' ? plainReply(status) : null;

/**
 * What a browser sent, from the gate to its handler. The reply, or null where there is none to give. Bots and
 * excluded visitors leave no trace and get the page's own number.
 */
export async function browserEvent(
  deps: BrowserEventDeps,
  request: EventRequest,
  sender: Sender,
): Promise<EventReply | null> {
  const site = await deps.settings.siteByKey(request.site);
  if (!site) throw new Problem('unknown_site', 'No site has this key.');
  if (!isOriginAllowed(site, sender.origin)) {
    throw new Problem('origin_not_allowed', 'The site does not list the origin of this page.');
  }
  await limitBySite(deps.siteRequests, site.id);
  if (isBotRequest(sender)) return noNumbers(request, 'bot');
  const host = hostOf(request.page.url);
  if (
    isAddressExcluded(site.excluded_addresses, sender.address) ||
    isHostExcluded(site.excluded_hosts, host)
  ) {
    return noNumbers(request, 'excluded');
  }
  const event = {
    site,
    request: asConsented(request),
    userAgent: sender.userAgent ?? '',
    address: sender.address,
    country: sender.country,
  };
  const reply = await handle(deps, event);
  const report = pageReport(deps.settings, event, reply);
  if (report) deps.installs.seen(site.id, host, report);
  const isAsked = reply !== null && request.type === 'view' && deps.installs.takeCheck(site.id, host);
  return isAsked ? { ...reply, check: true } : reply;
}

async function handle(deps: BrowserEventDeps, event: BrowserEvent): Promise<EventReply | null> {
  const { request } = event;
  // All but these two are stored before they are answered; and a view would take numbers that it cannot show.
  if (deps.isHistoryAway() && request.type !== 'renew' && request.type !== 'leave')
    throw new Problem('unavailable', 'The database cannot be reached for the moment.');
  switch (request.type) {
    case 'view':
      return view(deps, event);
    case 'renew':
      return renew(deps, event);
    case 'code': {
      const given = await code(deps, event);
      const reply = await renew(deps, event);
      return given === null ? reply : { ...reply, code: given };
    }
    case 'leave':
      await leave(deps, event);
      return null;
    case 'tap':
      await tap(deps, event);
      return null;
    case 'lead':
      await lead(deps, event);
      return null;
    case 'withdraw':
      await withdraw(deps, event);
      return null;
  }
}
