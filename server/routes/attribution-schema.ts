import { z } from 'zod';

const reason = z.object({ code: z.string(), weight: z.number(), detail: z.string() });
const ids = {
  session_id: z.uuid().nullable(),
  visitor_id: z.uuid().nullable(),
  lease_id: z.uuid().nullable(),
};

/** Whose call it was, how sure that is, and why. */
export const attributionSchema = z.object({
  method: z.enum(['code', 'tap', 'source', 'redial', 'recency', 'unknown', 'pending']),
  confidence: z.number().min(0).max(1),
  ...ids,
  candidates: z.array(z.object({ ...ids, probability: z.number(), reasons: z.array(reason) })),
  reasons: z.array(reason),
  rule_version: z.number().int(),
  decided_at: z.iso.datetime(),
});
