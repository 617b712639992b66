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
  const isPersonal = (name: string) => isPersonId(cleanText(name, MAX_NAME));

  const all = landing ? readParams(landing) : [];
  const params = all.filter(({ key }) => !isPersonId(key));
  const utm = readUtm(params);
  const clicks = params.filter(({ key, value }) => clickIdOf(key) && isClickIdValue(value));
  const used = new Set<Param>([...Object.values(utm), ...clicks].filter((param) => param !== undefined));
  const others = params.filter((param) => param.name !== '' && !used.has(param));

  return {
    utm: {
      source: utm.source?.value ?? null,
      medium: utm.medium?.value ?? null,
      campaign: utm.campaign?.value ?? null,
      term: utm.term?.value ?? null,
      content: utm.content?.value ?? null,
      id: utm.id?.value ?? null,
    },
    clickIds: firstOfEach(clicks.map(({ key, value }) => [clickIdOf(key)!.param, value])),
    mailTool: all.map(({ key }) => mailToolOf(key)).find((tool) => tool !== null) ?? null,
    landingParams: firstOfEach(
      others.map(({ name, value }) => [name, value]),
      MAX_PARAMS,
    ),
    landingPageUrl: landing ? storedUrl(landing, isPersonal, MAX_URL) : '',
    landingPage: landing ? cleanText(landing.origin + landing.pathname, MAX_URL) : '',
    referringUrl: from ? storedUrl(from, isPersonal, MAX_URL) : null,
    referrerDomain: from ? addressOf(from).host : null,
  };
}

function readParams(url: URL): Param[] {
  return [...url.searchParams].map(([rawName, value]) => {
    const name = cleanText(rawName, MAX_NAME);
    return { name, key: name.toLowerCase(), value: cleanText(value, MAX_VALUE) };
  });
}

function readUtm(params: Param[]): Record<keyof Utm, Param | undefined> {
  const first = (names: readonly string[]) =>
    names
      .map((name) => params.find(({ key, value }) => key === name && value !== ''))
      .find((param) => param !== undefined);
  return {
    source: first(UTM_NAMES.source),
    medium: first(UTM_NAMES.medium),
    campaign: first(UTM_NAMES.campaign),
    term: first(UTM_NAMES.term),
    content: first(UTM_NAMES.content),
    id: first(UTM_NAMES.id),
  };
}

/** An object of pairs, the first of each name; `__proto__` is a name like any other. */
function firstOfEach(pairs: [string, string][], limit = Infinity): Record<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of pairs) {
    if (found.size < limit && !found.has(name)) found.set(name, value);
  }
  return Object.fromEntries(found);
}
