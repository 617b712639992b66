import { Problem } from '../../lib/errors.js';
import type {
  CallJourney,
  CallPatch,
  ListPosition,
  ReportedCall,
  ReportedSession,
  SessionJourney,
  TagChange,
  TaggedCall,
} from '../../stores/reports.js';
import { type Access, sees } from '../settings/access.js';
import type { Ask, ReportDeps } from './ask.js';
import { readAll, readPage } from './pages.js';

/** A page of calls, and where it ended if more follow. */
export async function listCalls(
  { reports }: Pick<ReportDeps, 'reports'>,
  { filter }: Ask,
  page: { after: ListPosition | null; limit: number },
): Promise<{ calls: ReportedCall[]; next: ListPosition | null }> {
  const { rows, next } = await readPage((part) => reports.calls(filter, part), page);
  return { calls: rows.map(({ call }) => call), next };
}

/** All calls from a position on, read batch by batch. */
export async function everyCall(
  { reports }: Pick<ReportDeps, 'reports'>,
  { filter }: Ask,
  after: ListPosition | null,
): Promise<AsyncGenerator<ReportedCall>> {
  const rows = await readAll((part) => reports.calls(filter, part), after);
  return (async function* () {
    for await (const { call } of rows) yield call;
  })();
}

/** A call that the key may see. */
export async function visibleCall(
  { reports }: Pick<ReportDeps, 'reports'>,
  access: Access,
  id: string,
): Promise<ReportedCall> {
  const call = await reports.call(id);
  if (!call || !sees(access, call.site_id)) throw new Problem('not_found', 'There is no such call.');
  return call;
}

/** A call and how it came about. */
export async function callWithJourney(
  deps: Pick<ReportDeps, 'reports'>,
  access: Access,
  id: string,
): Promise<ReportedCall & CallJourney> {
  const call = await visibleCall(deps, access, id);
  const journey = await deps.reports.journeyOfCall(id);
  if (!journey) throw new Problem('not_found', 'There is no such call.');
  return { ...call, ...journey };
}

/** Writes what people say of a call, and returns it as it is then. */
export async function changeCall(
  deps: Pick<ReportDeps, 'reports'>,
  access: Access,
  id: string,
  patch: CallPatch,
): Promise<ReportedCall> {
  await visibleCall(deps, access, id);
  await deps.reports.changeCall(id, patch);
  return visibleCall(deps, access, id);
}

/** What became of each call, in the order asked for; one that the key may not see is not there. */
export async function tagCalls(
  { reports }: Pick<ReportDeps, 'reports'>,
  access: Access,
  ids: string[],
  change: TagChange,
): Promise<(TaggedCall | { id: string; result: 'not_found'; tags: null })[]> {
  const changed = await reports.changeTags(ids, access.siteId, change);
  const byId = new Map(changed.map((call) => [call.id, call]));
  return ids.map((id) => byId.get(id) ?? { id, result: 'not_found', tags: null });
}

/** A session that the key may see, and what belongs to it. */
export async function sessionWithJourney(
  { reports }: Pick<ReportDeps, 'reports'>,
  access: Access,
  id: string,
): Promise<ReportedSession & SessionJourney> {
  const session = await reports.session(id);
  if (!session || !sees(access, session.site_id)) throw new Problem('not_found', 'There is no such session.');
  return { ...session, ...(await reports.journeyOfSession(session)) };
}
