import { isbot } from 'isbot';

/** Request headers as Node gives them: names in lower case. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Real browsers that nobody looks at: page audits and automation that names itself. */
const UNATTENDED = /HeadlessChrome|Lighthouse|PageSpeed|\bPTST\b|PhantomJS|Puppeteer|Playwright/i;

/** Headers by which browsers say that nobody has asked for the page yet (Sec-Purpose is the Fetch standard's). */
const PURPOSES = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'];

/** Whether a request comes from a machine, or for a page that is not shown to anybody yet. */
export function isBotRequest({
  userAgent,
  headers,
}: {
  userAgent: string | null | undefined;
  headers: RequestHeaders;
}): boolean {
  const agent = userAgent?.trim();
  if (!agent) return true;
  return PURPOSES.some((name) => headers[name] && isPrefetch(headers[name])) || isMachine(agent);
}

const MAX_REMEMBERED = 5_000;

/** What was found out about an agent: the patterns are long, and the same few thousand names come again and again. */
const machines = new Map<string, boolean>();

function isMachine(agent: string): boolean {
  const known = machines.get(agent);
  if (known !== undefined) return known;
  const found = UNATTENDED.test(agent) || isbot(agent);
  // Names are kept short by what a server takes as headers, and few: whoever makes them up fills no memory.
  if (machines.size >= MAX_REMEMBERED) machines.clear();
  machines.set(agent, found);
  return found;
}

function isPrefetch(purpose: string | readonly string[]): boolean {
  return /prefetch|prerender|preview/i.test([purpose].flat().join());
}
