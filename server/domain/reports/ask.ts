import { Problem } from '../../lib/errors.js';
import type { CallFilter, Period, ReportStore } from '../../stores/reports.js';
import { type Access, sees } from '../settings/access.js';
import type { Settings } from '../settings/settings.js';
import { type NamedPeriod, resolvePeriod } from './period.js';
import { isTimeZone } from './zone.js';

export interface ReportDeps {
  settings: Pick<Settings, 'siteById'>;
  reports: ReportStore;
}

/** Where and when, as it was asked. */
interface Asked {
  siteId?: string;
  startDate?: string;
  endDate?: string;
  timeZone?: string;
}

/** A question about calls as it was put; the rest of the filter is taken as it is. */
export interface Question extends Omit<CallFilter, 'siteId' | 'period'>, Asked {}

/** A question that can be answered: what is asked for, of which sites, when, by which clock. */
export interface Ask<Filter = CallFilter> {
  filter: Filter;
  period: NamedPeriod;
  zone: string;
}

const UTC = 'UTC';

/** The site that a question is about, null: all; another's is not there for a key that is bound to one. */
async function siteOf(deps: ReportDeps, access: Access, siteId: string | undefined): Promise<string | null> {
  if (siteId === undefined) return access.siteId ?? (await deps.reports.soleSite());
  if (!sees(access, siteId) || !deps.settings.siteById(siteId)) {
    throw new Problem('not_found', 'There is no such site.');
  }
  return siteId;
}

/** Fills in what the question leaves open. Times are those of `time_zone`, else of the one site, else UTC. */
export async function askOf<Q extends Asked>(
  deps: ReportDeps,
  access: Access,
  question: Q,
  now = new Date(),
): Promise<Ask<Omit<Q, keyof Asked> & { siteId: string | null; period: Period }>> {
  const { siteId: named, startDate, endDate, timeZone, ...conditions } = question;
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    throw new Problem('invalid_request', 'The query is not valid.', [
      { path: 'time_zone', message: 'is no IANA time zone, like Europe/Berlin' },
    ]);
  }
  const siteId = await siteOf(deps, access, named);
  const own = siteId === null ? undefined : deps.settings.siteById(siteId)?.time_zone;
  const zone = timeZone ?? own ?? UTC;
  const period = resolvePeriod({ start: startDate, end: endDate, zone, now });
  const { from, until } = period;
  return { filter: { ...conditions, siteId, period: { from, until } }, period, zone };
}
