import { KNOWN_SITES, type SiteKind } from './known-sites.js';
import { knownSite } from './site-lookup.js';

/** GA4's default channels, and AI assistants as one of their own. */
export type Channel =
  | 'Direct'
  | 'Cross-network'
  | 'Paid Shopping'
  | 'Paid Search'
  | 'Paid Social'
  | 'Paid Video'
  | 'Display'
  | 'Paid Other'
  | 'Organic Shopping'
  | 'Organic Social'
  | 'Organic Video'
  | 'AI Assistants'
  | 'Organic Search'
  | 'Referral'
  | 'Email'
  | 'Affiliates'
  | 'Audio'
  | 'SMS'
  | 'Mobile Push Notifications'
  | 'Unassigned';

type Category = SiteKind | 'shopping';

/** Names under which people tag links; those of our own reports are in known-sites.ts. */
const ALIASES: Partial<Record<Category, string>> = {
  search: 'adwords googleads bingads yandex.direct yandex_direct',
  social: 'fb ig fb_ads meta x vkontakte insta',
  video: 'yt',
  ai: 'openai',
  shopping:
    'amazon ebay etsy walmart aliexpress alibaba shopify shopzilla pricegrabber shopping idealo kelkoo ' +
    'google_shopping igshopping ozon wildberries yandex.market rozetka',
};

const BY_NAME: ReadonlyMap<string, Category> = new Map([
  ...(['search', 'social', 'video', 'ai'] as const).flatMap((kind) =>
    Object.keys(KNOWN_SITES[kind]).map((name): [string, Category] => [name, kind]),
  ),
  ...Object.entries(ALIASES).flatMap(([category, names]) =>
    names.split(' ').map((name): [string, Category] => [name, category as Category]),
  ),
]);

const SHOPS =
  /^(?:.+\.)?(?:amazon|ebay|etsy|walmart|aliexpress|alibaba|idealo|ozon|wildberries|rozetka)(?:\.[a-z]{2,3}){1,2}$/;
const HOST = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/;

/** What kind of place a source is, given by its name or its host. */
function categoryOf(source: string): Category | null {
  const named = BY_NAME.get(source);
  if (named) return named;
  if (!HOST.test(source)) return null;
  if (SHOPS.test(source)) return 'shopping';
  const host = source.replace(/^www\.(?=.+\.)/, '');
  return knownSite({ scheme: 'https', host, path: '/' })?.kind ?? null;
}

const PAID = /^(.*cp.*|ppc|retargeting|paid.*)$/;
const SHOPPING_CAMPAIGN = /^(.*(([^a-df-z]|^)shop|shopping).*)$/;
const DISPLAY = ['display', 'banner', 'expandable', 'interstitial', 'cpm'];
const SOCIAL = ['social', 'social-network', 'social-media', 'sm', 'social network', 'social media'];
const EMAIL = ['email', 'e-mail', 'e_mail', 'e mail'];

/** What the rules look at; all texts in lower case. */
interface Tagged {
  source: string;
  medium: string;
  campaign: string;
  category: Category | null;
  isPaid: boolean;
  isShopping: boolean;
}

/**
 * Google Analytics 4's default channel group, the first rule that fits
 * (https://support.google.com/analytics/answer/9756891). AI assistants stand before Organic Search, so that their
 * unpaid visits are theirs whatever the medium.
 */
const RULES: readonly (readonly [Channel, (tagged: Tagged) => boolean])[] = [
  ['Direct', ({ source, medium }) => source === '(direct)' && ['(not set)', '(none)'].includes(medium)],
  ['Cross-network', ({ campaign }) => campaign.includes('cross-network')],
  ['Paid Shopping', ({ isShopping, isPaid }) => isShopping && isPaid],
  ['Paid Search', ({ category, isPaid }) => category === 'search' && isPaid],
  ['Paid Social', ({ category, isPaid }) => category === 'social' && isPaid],
  ['Paid Video', ({ category, isPaid }) => category === 'video' && isPaid],
  ['Display', ({ medium }) => DISPLAY.includes(medium)],
  ['Paid Other', ({ isPaid }) => isPaid],
  ['Organic Shopping', ({ isShopping }) => isShopping],
  ['Organic Social', ({ category, medium }) => category === 'social' || SOCIAL.includes(medium)],
  ['Organic Video', ({ category, medium }) => category === 'video' || medium.includes('video')],
  ['AI Assistants', ({ category, medium }) => category === 'ai' || medium === 'ai-assistant'],
  ['Organic Search', ({ category, medium }) => category === 'search' || medium === 'organic'],
  ['Referral', ({ medium }) => ['referral', 'app', 'link'].includes(medium)],
  ['Email', ({ source, medium }) => EMAIL.includes(source) || EMAIL.includes(medium)],
  ['Affiliates', ({ medium }) => medium === 'affiliate'],
  ['Audio', ({ medium }) => medium === 'audio'],
  ['SMS', ({ source, medium }) => source === 'sms' || medium === 'sms'],
  [
    'Mobile Push Notifications',
    ({ source, medium }) => /push$|mobile|notification/.test(medium) || source === 'firebase',
  ],
];

/** The channel of a source, a medium and a campaign; case does not matter. Total: what no rule fits is unassigned. */
export function channelOf(of: { source: string; medium: string | null; campaign: string | null }): Channel {
  const source = of.source.toLowerCase();
  const medium = (of.medium ?? '').toLowerCase();
  const campaign = (of.campaign ?? '').toLowerCase();
  const category = categoryOf(source);
  const tagged: Tagged = {
    source,
    medium,
    campaign,
    category,
    isPaid: PAID.test(medium),
    isShopping: category === 'shopping' || SHOPPING_CAMPAIGN.test(campaign),
  };
  return RULES.find(([, fits]) => fits(tagged))?.[0] ?? 'Unassigned';
}
