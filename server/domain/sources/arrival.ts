import { cleanText } from '../../lib/text.js';
import { clickIdOf, isClickIdValue, isPersonId, mailToolOf } from './click-ids.js';
import { addressOf, readUrl, storedUrl } from './web-address.js';

const MAX_URL = 2_048;
const MAX_PARAMS = 50;
const MAX_NAME = 64;
const MAX_VALUE = 512;

export interface Utm {
  source: string | null;
  medium: string | null;
  campaign: string | null;
  term: string | null;
  content: string | null;
  id: string | null;
}

/** All that is kept of how a visitor came to a page. Every text is storable in Postgres; nothing in it names a person. */
export interface Arrival {
  utm: Utm;
  /** By the vendor's spelling of the parameter; values in their own case. */
  clickIds: Record<string, string>;
  /** The mail tool that sent the link, if its person id was there; the id itself is not kept. */
  mailTool: string | null;
  /** All other query parameters. */
  landingParams: Record<string, string>;
  /** `''` when there was no readable http(s) URL. */
  landingPageUrl: string;
  /** Origin and path. */
  landingPage: string;
  referringUrl: string | null;
  /** The referrer's host without `www.`, or an Android app's package. */
  referrerDomain: string | null;
}

/** UTM parameters and those that Matomo takes in their place, the first that has a value wins. */
const UTM_NAMES: Record<keyof Utm, readonly string[]> = {
  source: ['utm_source', ...matomo('source')],
  medium: ['utm_medium', ...matomo('medium')],
  campaign: ['utm_campaign', ...matomo('campaign')],
  term: ['utm_term', ...matomo('keyword'), ...matomo('kwd')],
  content: ['utm_content', ...matomo('content')],
  id: ['utm_id', ...matomo('cid')],
};

function matomo(field: string): string[] {
  return ['mtm', 'matomo', 'pk', 'piwik'].map((prefix) => `${prefix}_${field}`);
}

/** Of each name: what it says, and how early it comes among those that say the same. */
const UTM_FIELDS = new Map(
  Object.entries(UTM_NAMES).flatMap(([field, names]) =>
    names.map((name, rank) => [name, { field: field as keyof Utm, rank }] as const),
  ),
);

/** One query parameter: as named, for comparing, and its value; all cleaned. */
interface Param {
  name: string;
  key: string;
  value: string;
}

/** Reads the URL and the referrer of an arrival. Total: from junk it makes an empty record, it never throws. */
export function parseArrival({ url, referrer }: { url: string; referrer?: string | null }): Arrival {
  const page = readUrl(url);
  const landing = page?.protocol === 'android-app:' ? null : page;
  const from = readUrl(referrer);

  const all = landing ? readParams(landing) : [];
  const params = all.filter(({ key }) => !isPersonId(key));
  const utm = readUtm(params);
  const isUtm = (param: Param) => Object.values(utm).includes(param);
  const clicks: [string, string][] = [];
  const others: [string, string][] = [];
  for (const param of params) {
    const click = clickIdOf(param.key);
    if (click && isClickIdValue(param.value)) clicks.push([click.param, param.value]);
    else if (param.name !== '' && !isUtm(param)) others.push([param.name, param.value]);
  }

  return {
    utm: {
      source: utm.source?.value ?? null,
      medium: utm.medium?.value ?? null,
      campaign: utm.campaign?.value ?? null,
      term: utm.term?.value ?? null,
      content: utm.content?.value ?? null,
      id: utm.id?.value ?? null,
    },
    clickIds: firstOfEach(clicks),
    mailTool: all.map(({ key }) => mailToolOf(key)).find((tool) => tool !== null) ?? null,
    landingParams: firstOfEach(others, MAX_PARAMS),
    landingPageUrl: landing ? storedUrl(landing, isPersonal, MAX_URL) : '',
    landingPage: landing ? cleanText(landing.origin + landing.pathname, MAX_URL) : '',
    referringUrl: from ? storedUrl(from, isPersonal, MAX_URL) : null,
    referrerDomain: from ? addressOf(from).host : null,
  };
}

const isPersonal = (name: string): boolean => isPersonId(cleanText(name, MAX_NAME));

function readParams(url: URL): Param[] {
  const params: Param[] = [];
  if (url.search === '') return params;
  for (const [rawName, value] of url.searchParams) {
    const name = cleanText(rawName, MAX_NAME);
    params.push({ name, key: name.toLowerCase(), value: cleanText(value, MAX_VALUE) });
  }
  return params;
}

function readUtm(params: Param[]): Partial<Record<keyof Utm, Param>> {
  const found: Partial<Record<keyof Utm, Param>> = {};
  const ranks: Partial<Record<keyof Utm, number>> = {};
  for (const param of params) {
    const utm = UTM_FIELDS.get(param.key);
    if (!utm || param.value === '' || utm.rank >= (ranks[utm.field] ?? Infinity)) continue;
    found[utm.field] = param;
    ranks[utm.field] = utm.rank;
  }
  return found;
}

/** An object of pairs, the first of each name; `__proto__` is a name like any other. */
function firstOfEach(pairs: [string, string][], limit = Infinity): Record<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of pairs) {
    if (found.size < limit && !found.has(name)) found.set(name, value);
  }
  return Object.fromEntries(found);
}
