import { isbot } from 'isbot';
import { createMemo } from '../lib/memo.js';

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

/** The patterns are long, and the same few thousand names come again. */
const known = createMemo<boolean>(5_000);

const isMachine = (agent: string): boolean => known(agent, () => UNATTENDED.test(agent) || isbot(agent));

function isPrefetch(purpose: string | readonly string[]): boolean {
  return /prefetch|prerender|preview/i.test([purpose].flat().join());
}
