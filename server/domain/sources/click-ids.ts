/**
 * Parameters that ad platforms, networks and mail tools add to the links they send people through, as their help pages
 * name them. The order is the precedence where a URL carries several: ads first, then partners, then what is added to
 * unpaid links too, then parameters with names that anybody might use.
 *
 * `pp` (Pinterest) is left out: as a name it is common on other sites, and it never comes without Pinterest as referrer.
 */
const ROWS: readonly (readonly [param: string, source: string, medium: string])[] = [
  ['gclid', 'google', 'cpc'],
  ['gbraid', 'google', 'cpc'],
  ['wbraid', 'google', 'cpc'],
  ['msclkid', 'bing', 'cpc'],
  ['yclid', 'yandex', 'cpc'],
  ['dclid', 'dv360', 'display'],
  ['rb_clickid', 'vk', 'cpc'],
  ['ttclid', 'tiktok', 'paid social'],
  ['twclid', 'twitter', 'paid social'],
  ['li_fat_id', 'linkedin', 'paid social'],
  ['ScCid', 'snapchat', 'paid social'],
  ['sclid', 'snapchat', 'paid social'],
  ['rdt_cid', 'reddit', 'paid social'],
  ['qclid', 'quora', 'paid'],
  ['ndclid', 'nextdoor', 'paid'],
  ['spclid', 'spotify', 'paid'],
  ['obclid', 'outbrain', 'paid native'],
  ['dicbo', 'outbrain', 'paid native'],
  ['tblci', 'taboola', 'paid native'],
  ['crto_pid', 'criteo', 'paid'],
  ['vmcid', 'yahoo', 'paid'],
  ['ttd_uuid', 'the trade desk', 'paid'],
  ['s_kwcid', 'adobe', 'paid'],
  ['ef_id', 'adobe', 'paid'],
  ['wickedid', 'wicked reports', 'paid'],
  ['_openstat', 'openstat', 'cpc'],
  // Helpers of Google ads; each of them is only ever added to an ad's link.
  ['gclsrc', 'google', 'cpc'],
  ['gad_source', 'google', 'cpc'],
  ['gad_campaignid', 'google', 'cpc'],
  ['irclickid', 'impact', 'affiliate'],
  ['irgwc', 'impact', 'affiliate'],
  ['cjevent', 'cj', 'affiliate'],
  ['cjdata', 'cj', 'affiliate'],
  ['awc', 'awin', 'affiliate'],
  ['ranSiteID', 'rakuten', 'affiliate'],
  ['ranMID', 'rakuten', 'affiliate'],
  ['admitad_uid', 'admitad', 'affiliate'],
  ['actionpay', 'actionpay', 'affiliate'],
  // Added to unpaid links too, so they say the network but not that it was paid.
  ['fbclid', 'facebook', 'social'],
  ['igshid', 'instagram', 'social'],
  ['igsh', 'instagram', 'social'],
  ['epik', 'pinterest', 'social'],
  ['ysclid', 'yandex', 'organic'],
  ['srsltid', 'google', 'organic'],
  ['mc_cid', 'mailchimp', 'email'],
  ['_hsmi', 'hubspot', 'email'],
  ['aff_id', 'affiliate', 'affiliate'],
  ['clickid', 'affiliate', 'affiliate'],
];

/** What a click id says about a visit. */
export interface ClickId {
  /** The parameter as its vendor spells it. */
  param: string;
  source: string;
  medium: string;
}

/** In order of precedence. */
export const CLICK_IDS: readonly ClickId[] = ROWS.map(([param, source, medium]) => ({
  param,
  source,
  medium,
}));

const BY_NAME = new Map(CLICK_IDS.map((id) => [id.param.toLowerCase(), id]));

/** The click id of a query parameter, whatever its case. */
export const clickIdOf = (name: string): ClickId | undefined => BY_NAME.get(name.toLowerCase());

/** What a click id's value looks like: unreserved characters of RFC 3986, case kept. */
export const isClickIdValue = (value: string): boolean => /^[A-Za-z0-9._~-]{1,512}$/.test(value);

/**
 * Parameters by which mail tools know a person → the tool; null where the parameter does not say that a mail was
 * clicked (HubSpot also adds its own to links between a company's sites). Only the tool is kept.
 */
const PERSON_IDS = new Map<string, string | null>([
  ['mc_eid', 'mailchimp'],
  ['_hsenc', 'hubspot'],
  ['__hstc', null],
  ['__hssc', null],
  ['__hsfp', null],
  ['hsctatracking', null],
  ['mkt_tok', 'marketo'],
  ['vero_id', 'vero'],
  ['vero_conv', 'vero'],
  ['_kx', 'klaviyo'],
  ['_ke', 'klaviyo'],
  ['ml_subscriber', 'mailerlite'],
  ['ml_subscriber_hash', 'mailerlite'],
  ['ck_subscriber_id', 'kit'],
  ['oly_enc_id', 'omeda'],
  ['oly_anon_id', 'omeda'],
  ['elqtrackid', 'eloqua'],
  ['elq', 'eloqua'],
  ['bsft_uid', 'blueshift'],
  ['bsft_eid', 'blueshift'],
  ['sfmc_sub', 'salesforce marketing cloud'],
  ['inf_contact_key', 'keap'],
  ['__s', 'drip'],
  ['trk_contact', 'listrak'],
  ['dm_i', 'dotdigital'],
  ['_bta_tid', 'bronto'],
]);

/** Whether a query parameter names a person, so that its value must not be kept. */
export const isPersonId = (name: string): boolean => PERSON_IDS.has(name.toLowerCase());

/** The mail tool that sent a link with this parameter, if that is what it says. */
export const mailToolOf = (name: string): string | null => PERSON_IDS.get(name.toLowerCase()) ?? null;
