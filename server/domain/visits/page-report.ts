import type { EventReply, EventRequest } from '../../../shared/events.js';
import type { InstallReport } from '../../stores/installs.js';
import type { Settings } from '../settings/settings.js';
import type { BrowserEvent } from './browser-event.js';
import { printedNumbers } from './printed-numbers.js';

/** What one event tells of the page: for the check of the installation, not for the visit. */
export interface PageReport extends Pick<InstallReport, 'found' | 'isChecked' | 'printed'> {
  /** How many places of the page were changed. */
  swapped: number;
}

/** More changes than a page can have are junk. */
const MAX_SWAPPED = 100_000;

/** Only what is there when the page is left counts: it is told with every event. */
function swappedBy({ type, swaps = [] }: EventRequest): number {
  const places = type === 'leave' ? swaps.reduce((sum, swap) => sum + swap.places, 0) : 0;
  return places > MAX_SWAPPED ? 0 : places;
}

type Known = Pick<Settings, 'trackersOf' | 'targetsOf' | 'isTrackingNumber'>;

/**
 * The targets that stand on the page, the places changed, and the tracking numbers that it shows by itself: copied into its
 * source, or kept by a cache. A number that it was just answered is no such one. null: the event tells nothing.
 */
export function pageReport(
  settings: Known,
  { site, request }: BrowserEvent,
  reply: EventReply | null,
): PageReport | null {
  const { type, printed } = request;
  const swapped = swappedBy(request);
  if (type !== 'view' && swapped === 0 && printed === undefined) return null;
  const answered = new Set(reply?.swaps.map(({ number }) => number));
  const isPrinted = (number: string) => settings.isTrackingNumber(site.id, number) && !answered.has(number);
  const numbers = printed ? printedNumbers(printed, settings.targetsOf(site.id), isPrinted) : [];
  const visitorId = reply?.visitor ?? request.visitor ?? null;
  return {
    found: request.found.filter((target) => settings.trackersOf(site.id, target).length > 0),
    swapped,
    isChecked: printed !== undefined,
    printed: numbers.map((number) => ({ number, visitorId })),
  };
}
