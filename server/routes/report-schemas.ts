import { z } from 'zod';
import { attributionSchema } from './attribution-schema.js';

const textOrNull = z.string().nullable();
const idOrNull = z.uuid().nullable();
const count = z.number().int();
const time = z.iso.datetime();
const texts = z.record(z.string(), z.string());

const utm = {
  utm_source: textOrNull,
  utm_medium: textOrNull,
  utm_campaign: textOrNull,
  utm_term: textOrNull,
  utm_content: textOrNull,
};

export const callSchema = z.object({
  id: z.uuid(),
  call_id: z.string().describe("The provider's own id of the call"),
  provider: z.string(),
  site_id: z.uuid(),
  tracker_id: z.uuid(),
  start_time: time,
  duration: count.nullable().describe('Seconds'),
  talk_time: count.nullable().describe('Seconds'),
  status: z.enum(['in_progress', 'answered', 'missed', 'busy', 'failed', 'voicemail']),
  answered: z.boolean(),
  voicemail: z.boolean(),
  customer_phone_number: textOrNull.describe('null: withheld'),
  customer_name: textOrNull,
  customer_city: textOrNull,
  customer_state: textOrNull,
  customer_country: textOrNull,
  tracking_phone_number: z.string(),
  business_phone_number: z.string(),
  source: z.string().describe('`(unknown)` and the rest null where the confidence is below min_confidence'),
  medium: textOrNull,
  campaign: textOrNull,
  keyword: textOrNull,
  content: textOrNull,
  channel: textOrNull.describe("The first of the site's own rules that fits, else Google Analytics 4's"),
  ...utm,
  gclid: textOrNull,
  fbclid: textOrNull,
  msclkid: textOrNull,
  yclid: textOrNull,
  landing_page_url: textOrNull,
  landing_params: texts.nullable(),
  last_requested_url: textOrNull.describe('The last page before the call'),
  referring_url: textOrNull,
  device_type: textOrNull,
  first_call: z.boolean(),
  prior_calls: count,
  seconds_to_call: count.nullable().describe('From the start of the session'),
  assignment: z.enum(['exclusive', 'elastic', 'source']).nullable(),
  lead_status: z.enum(['good_lead', 'not_a_lead', 'not_scored']).nullable(),
  value: z.number().nullable(),
  tags: z.array(z.string()),
  note: textOrNull,
  spam: z.boolean(),
  recording: textOrNull,
  visitor_id: idOrNull,
  session_id: idOrNull,
  lease_id: idOrNull,
  attribution: attributionSchema.nullable(),
});

export const sessionSchema = z.object({
  id: z.uuid(),
  site_id: z.uuid(),
  visitor_id: z.uuid(),
  started_at: time,
  last_seen_at: time,
  source: z.string(),
  medium: z.string(),
  campaign: textOrNull,
  keyword: textOrNull,
  content: textOrNull,
  channel: textOrNull.describe('null: not derived yet'),
  ...utm,
  click_ids: texts,
  landing_page_url: z.string(),
  landing_page: z.string().describe('Origin and path'),
  landing_params: texts,
  last_requested_url: z.string(),
  referring_url: textOrNull,
  referrer_domain: textOrNull,
  device_type: z.string(),
  country: textOrNull.describe('ISO 3166-1 alpha-2, where a proxy tells (COUNTRY_HEADER)'),
  page_view_count: count,
  ids: texts.describe("Other tools' ids of the visitor: ga, ym, fbp …"),
});

export const touchSchema = z.object({
  id: z.uuid(),
  session_id: z.uuid(),
  touched_at: time,
  source: z.string(),
  medium: z.string(),
  campaign: textOrNull,
  keyword: textOrNull,
  content: textOrNull,
  channel: textOrNull.describe('null: not derived yet'),
  click_ids: texts,
  landing_page_url: z.string(),
  referring_url: textOrNull,
});

/** A touch of whom a call names. */
export const callTouchSchema = touchSchema.extend({
  first: z.boolean().describe('The first of the visitor, however long ago'),
  last: z.boolean().describe('The last before the call'),
  last_not_direct: z
    .boolean()
    .describe('The last in the window whose source is not `(direct)`; no touch may be'),
  in_window: z.boolean().describe("Within the tracker's attribution window before the call"),
});

export const pageViewSchema = z.object({
  id: z.uuid(),
  session_id: z.uuid(),
  viewed_at: time,
  url: z.string(),
  title: textOrNull,
  referrer: textOrNull,
});

export const leaseSchema = z.object({
  id: z.uuid(),
  tracker_id: z.uuid(),
  number: z.string(),
  visitor_id: z.uuid(),
  session_id: idOrNull,
  assignment: z.enum(['exclusive', 'elastic']),
  leased_at: time,
  last_seen_at: time,
  reserved_until: time,
  ended_at: time.nullable(),
  end_reason: z.enum(['expired', 'reclaimed', 'released', 'withdrawn', 'removed']).nullable(),
});

export const decisionSchema = attributionSchema.extend({
  id: z.uuid(),
  facts: z.unknown().describe('All that the decision was made of'),
});

/** The order of the columns in CSV. */
export const CALL_COLUMNS = [
  ...Object.keys(callSchema.shape).filter((name) => name !== 'attribution'),
  'attribution_method',
  'attribution_confidence',
  'attribution_reasons',
];
