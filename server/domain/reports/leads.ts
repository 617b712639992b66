import { Problem } from '../../lib/errors.js';
import type { LeadFilter, LeadPatch, LeadStore, ReportedLead } from '../../stores/leads.js';
import type { ListPosition } from '../../stores/reports.js';
import { type Access, sees } from '../settings/access.js';
import type { Ask } from './ask.js';
import { readAll, readPage } from './pages.js';

interface LeadDeps {
  leads: LeadStore;
}

/** A page of leads, and where it ended if more follow. */
export async function listLeads(
  { leads }: LeadDeps,
  { filter }: Ask<LeadFilter>,
  page: { after: ListPosition | null; limit: number },
): Promise<{ leads: ReportedLead[]; next: ListPosition | null }> {
  const { rows, next } = await readPage((part) => leads.list(filter, part), page);
  return { leads: rows.map(({ lead }) => lead), next };
}

/** All leads from a position on, read batch by batch. */
export async function everyLead(
  { leads }: LeadDeps,
  { filter }: Ask<LeadFilter>,
  after: ListPosition | null,
): Promise<AsyncGenerator<ReportedLead>> {
  const rows = await readAll((part) => leads.list(filter, part), after);
  return (async function* () {
    for await (const { lead } of rows) yield lead;
  })();
}

/** A lead that the key may see. */
export async function visibleLead({ leads }: LeadDeps, access: Access, id: string): Promise<ReportedLead> {
  const lead = await leads.lead(id);
  if (!lead || !sees(access, lead.site_id)) throw new Problem('not_found', 'There is no such lead.');
  return lead;
}

/** Writes what people say of a lead, and returns it as it is then. */
export async function changeLead(
  deps: LeadDeps,
  access: Access,
  id: string,
  patch: LeadPatch,
): Promise<ReportedLead> {
  await visibleLead(deps, access, id);
  await deps.leads.change(id, patch);
  return visibleLead(deps, access, id);
}
