import { hash } from 'node:crypto';
import type { Arrival } from './arrival.js';

/**
 * What tells one campaign arrival from another: a hash of UTM parameters and click ids, 22 characters; null without
 * any. A session ends when an arrival comes with another signature. Source and medium count without case.
 */
export function campaignSignature(arrival: Pick<Arrival, 'utm' | 'clickIds' | 'mailTool'>): string | null {
  const { utm, clickIds, mailTool } = arrival;
  const facts = [
    utm.source?.toLowerCase() ?? null,
    utm.medium?.toLowerCase() ?? null,
    utm.campaign,
    utm.term,
    utm.content,
    utm.id,
    mailTool,
    ...Object.entries(clickIds).sort(([a], [b]) => (a < b ? -1 : 1)),
  ];
  if (facts.every((fact) => fact === null)) return null;
  return hash('sha256', JSON.stringify(facts), 'base64url').slice(0, 22);
}
