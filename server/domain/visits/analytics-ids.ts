interface Reader {
  cookie: RegExp;
  /** What we call it. */
  name: string;
  /** Its first group is the id. */
  value: RegExp;
}

/** First-party cookies of other tools, as their documentation or, with Google, their makers' habit has them. */
const READERS: Reader[] = [
  { cookie: /^_ga$/, name: 'ga', value: /^GA1\.[\d-]+\.(\d+\.\d+)$/ },
  // One a property. GS1: the fields in order; GS2, since 2025: each with a letter in front, `s` for the session.
  {
    cookie: /^_ga_\w+$/,
    name: 'ga_session',
    value: /^GS(?:1\.[\d-]+\.|2\.[\d-]+\.(?:.*\$)?s)(\d+)(?:[.$]|$)/,
  },
  { cookie: /^_ym_uid$/, name: 'ym', value: /^(\d{8,25})$/ },
  { cookie: /^_fbp$/, name: 'fbp', value: /^(fb\.\d+\.\d+\.[\w.-]+)$/ },
  { cookie: /^_fbc$/, name: 'fbc', value: /^(fb\.\d+\.\d+\.[\w.-]+)$/ },
];

/** What a cookie says, as a name and an id; null: nothing. */
function readCookie([cookie, value]: [string, string]): [string, string] | null {
  const reader = READERS.find((one) => one.cookie.test(cookie));
  const id = reader?.value.exec(value)?.[1];
  return reader && id !== undefined ? [reader.name, id] : null;
}

/**
 * The ids that other tools gave a visitor, by our names: `{ga, ga_session, ym, fbp, fbc …}`. Names that begin with `_` are
 * taken for cookies and read, or left out; ids under any other name stay, and go before what a cookie says. Of the sessions
 * of several Google properties the one that began last.
 */
export function analyticsIds(given: Record<string, string>): Record<string, string> {
  const entries = Object.entries(given);
  const ids: Record<string, string> = Object.fromEntries(entries.filter(([name]) => !name.startsWith('_')));
  const read = entries.map(readCookie).filter((id) => id !== null);
  // Google's session ids are Unix times.
  read.sort(([name, a], [other, b]) => (name < other ? -1 : name > other ? 1 : Number(b) - Number(a)));
  for (const [name, id] of read) ids[name] ??= id;
  return ids;
}
