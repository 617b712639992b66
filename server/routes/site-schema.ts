import { isIP } from 'node:net';
import { isSupportedCountry } from 'libphonenumber-js/max';
import { z } from 'zod';
import { clickIdOf } from '../domain/sources/click-ids.js';
import { currency } from './currency.js';
import { arrivalMatch, oneOrMoreOf, shownMatch, shownTexts } from './match-schema.js';
import { name, whole } from './schemas.js';

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return /^[A-Za-z]/.test(zone);
  } catch {
    return false;
  }
}

function isNetwork(entry: string): boolean {
  const [address = '', bits, ...rest] = entry.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 6 ? 128 : 32));
}

const HOST = /^(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i;
const ORIGIN = /^https?:\/\/(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/i;

/** As browsers send it: in lower case, without the port that its scheme has anyway. */
function normalOrigin(origin: string): string {
  const [, scheme = '', host = '', port = ''] =
    /^(https?):\/\/([^:]+)(?::(\d+))?$/.exec(origin.toLowerCase()) ?? [];
  const isUsual = port === '' || Number(port) === (scheme === 'https' ? 443 : 80);
  return `${scheme}://${host}${isUsual ? '' : `:${Number(port)}`}`;
}

const channelRule = z.strictObject({
  channel: name(64),
  match: z
    .strictObject({
      ...arrivalMatch,
      referrer_domain: oneOrMoreOf(
        whole(253).refine((host) => /^[a-z0-9]([\w.-]*[a-z0-9])?$/i.test(host), {
          message: 'is not a host, like news.example',
        }),
      ).describe('A host; of a registrable domain all hosts'),
      click_id: oneOrMoreOf(
        whole(64).refine((name) => clickIdOf(name) !== undefined, {
          message: 'is not a click id, like gclid',
        }),
      ).describe('The parameter of a click id, whatever its value'),
    })
    .partial()
    .describe('Keys: all; arrays: any; without case. None: every arrival'),
});

const fields = {
  name: name(),
  time_zone: z.string().refine(isTimeZone, { message: 'is not an IANA time zone, like Europe/Berlin' }),
  default_region: z
    .string()
    .transform((region) => region.toUpperCase())
    .refine(isSupportedCountry, { message: 'is not a country, like US' }),
  allowed_origins: z
    .array(
      z
        .string()
        .regex(ORIGIN, 'is not an origin, like https://www.shop.example or https://*.shop.example')
        .transform(normalOrigin),
    )
    .max(100),
  min_confidence: z.number().min(0).max(1),
  qualified_seconds: z.number().int().min(0).max(86_400),
  currency: currency.describe("Of costs and of calls' values; ISO 4217"),
  excluded_addresses: z
    .array(z.string().refine(isNetwork, { message: 'is not an address or network' }))
    .max(1000),
  excluded_hosts: z.array(z.string().regex(HOST, 'is not a host')).max(1000),
  providers: z.strictObject({
    twilio: z.strictObject({ account_sid: whole(64).optional(), auth_token: name(128) }).optional(),
  }),
  channel_rules: z
    .array(channelRule)
    .max(50)
    .describe(
      "The first that fits gives an arrival its channel, and a cost, of which no more than source, medium and campaign is known; none: Google Analytics 4's rules",
    ),
};

/** What makes a site. */
export const createSiteBody = z.strictObject({
  ...fields,
  time_zone: fields.time_zone.default('UTC'),
  default_region: fields.default_region.default('US'),
  allowed_origins: fields.allowed_origins.default([]),
  min_confidence: fields.min_confidence.default(0.5),
  qualified_seconds: fields.qualified_seconds.default(60),
  currency: fields.currency.default('USD'),
  excluded_addresses: fields.excluded_addresses.default([]),
  excluded_hosts: fields.excluded_hosts.default([]),
  providers: fields.providers.default({}),
  channel_rules: fields.channel_rules.default([]),
});

/** A site as it is shown. */
export const siteSchema = z.object({
  id: z.uuid(),
  key: z.string(),
  name: z.string(),
  time_zone: z.string(),
  default_region: z.string(),
  allowed_origins: z.array(z.string()),
  min_confidence: z.number(),
  qualified_seconds: z.number().int(),
  currency: z.string(),
  excluded_addresses: z.array(z.string()),
  excluded_hosts: z.array(z.string()),
  providers: z.object({
    twilio: z.object({ account_sid: z.string().nullable(), auth_token_set: z.boolean() }).optional(),
  }),
  channel_rules: z.array(
    z.object({ channel: z.string(), match: z.object({ ...shownMatch, click_id: shownTexts }) }),
  ),
  channels_derived: z
    .boolean()
    .describe('false: the rules have changed, and what was stored before is still being derived by them'),
  created_at: z.iso.datetime(),
  retired_at: z.iso.datetime().nullable(),
});

/** What changes one; what is left out stays. */
export const patchSiteBody = z.strictObject(fields).partial();
