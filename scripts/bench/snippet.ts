// `npm run bench:snippet`: how long the built script takes in Chromium to look at a whole page and swap, beside a walk over
// all nodes with an expression for each text and a rewrite of innerHTML, on the same pages; as fast as the machine is and
// four times slower. Script time only: the layout after it is not in it.
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { type Browser, chromium, type Page } from 'playwright-core';
import { numberPattern } from '../../server/domain/settings/number-pattern.js';
import type { EventReply } from '../../shared/events.js';
import { serveSnippet } from '../build-snippet.mjs';
import { findChromium } from '../test/find.mjs';
import { meetNeeds } from '../test/needs.mjs';
import { blocks, NUMBER, pageOf, siblings, TARGET } from './snippet/pages.js';

const KINDS = ['ours', 'walk', 'rewrite'] as const;
type Kind = (typeof KINDS)[number];

const NAMES: Record<Kind, string> = {
  ours: 'ours',
  walk: 'a walk over all nodes',
  rewrite: 'a rewrite of innerHTML',
};

const WARM = 3;
const ROUNDS = 60;
const FIRSTS = 3;
const ADDED = 20_000;
const ADDITIONS = 3;

const ORIGIN = 'https://shop.example';
const file = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const IN_PAGE = file('./snippet/in-page.js');
const SCRIPT = serveSnippet(file('../../dist/snippet/dni.js'), {
  site: 'bench',
  origin: ORIGIN,
  ...numberPattern([TARGET]),
});

const swap = { target: TARGET, number: NUMBER, display: NUMBER, lease: 'bench', expires_at: null };
const REPLY: EventReply = {
  visitor: 'bench',
  session: null,
  status: 'ok',
  swaps: [{ ...swap, expires_in: 3600, assignment: 'exclusive' }],
  renew_after: 3600,
};

/** With these the page's clock counts in 5 microseconds, else in 100. */
const ISOLATED = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

interface Counts {
  texts: number;
  own: number;
  ours: number;
}

/** What in-page.js puts into the page, called by name. */
const call = <T>(page: Page, name: string, ...values: unknown[]): Promise<T> =>
  page.evaluate(`bench.${name}(${values.map((value) => JSON.stringify(value)).join()})`) as Promise<T>;

const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;

const ms = (value: number): string => `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`.padStart(9);

/** Throws if what is compared did not do the same. */
function mustBe(counts: Counts, expected: number, what: string): void {
  if (counts.own === 0 && counts.ours === expected) return;
  throw new Error(`${what}: ${counts.ours} of ${expected} swapped, ${counts.own} left`);
}

/** Opens a page for a visitor who was here before, without a number; with our script if that is what is looked at, and then it is swapped already. */
async function open(browser: Browser, html: string, kind: Kind, slower: number): Promise<Page> {
  const page = await browser.newPage();
  await page.route('**', async (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === '/v1/events') return route.fulfill({ json: REPLY });
    if (pathname === '/') return route.fulfill({ body: html, contentType: 'text/html', headers: ISOLATED });
    return route.fulfill({ status: 404 });
  });
  await page.addInitScript(IN_PAGE);
  // A visitor who is known needs no lock, after which the page might be laid out before it is swapped.
  await page.addInitScript(`localStorage['dni.bench'] = '{"visitor":"bench"}'`);
  await page.goto(`${ORIGIN}/`);
  if (!(await page.evaluate('crossOriginIsolated'))) throw new Error('The clock of the page is coarse');
  // Only now: that the page is loaded slowly is nobody's doing here, and takes minutes.
  const devTools = await page.context().newCDPSession(page);
  await devTools.send('Emulation.setCPUThrottlingRate', { rate: slower });
  if (kind === 'ours') {
    await page.addScriptTag({ content: SCRIPT });
    await page.waitForFunction('bench.swapped');
  }
  return page;
}

/** On a page that was just opened: from the answer, or from the call. */
async function firstSwap(page: Page, kind: Kind): Promise<number> {
  if (kind !== 'ours') return call<number>(page, 'first', kind);
  return page.evaluate('bench.swapped - bench.answered') as Promise<number>;
}

async function benchPage(browser: Browser, texts: number, slower: number): Promise<void> {
  const html = pageOf(texts);
  for (const kind of KINDS) {
    const firsts: number[] = [];
    for (let at = 0; at < FIRSTS; at += 1) {
      const page = await open(browser, html, kind, slower);
      const before = await call<Counts>(page, 'counts');
      firsts.push(await firstSwap(page, kind));
      if (at === FIRSTS - 1) {
        await call(page, 'swaps', kind, WARM);
        const swaps = await call<number[]>(page, 'swaps', kind, ROUNDS);
        const counts = await call<Counts>(page, 'counts');
        mustBe(counts, before.own + before.ours, NAMES[kind]);
        const cells = [
          `${counts.texts.toLocaleString('en')} texts, ${counts.ours} numbers`.padEnd(28),
          `${slower}x`,
          NAMES[kind].padEnd(22),
          `first ${ms(median(firsts))}`,
          `then ${ms(median(swaps))}, at best ${ms(Math.min(...swaps))}`,
        ];
        console.log(cells.join('  '));
      }
      await page.close();
    }
  }
}

async function benchSiblings(browser: Browser, amount: number): Promise<void> {
  for (const kind of KINDS) {
    const page = await open(browser, siblings(amount), kind, 1);
    const time = await firstSwap(page, kind);
    mustBe(await call<Counts>(page, 'counts'), 1, NAMES[kind]);
    console.log(
      `${amount.toLocaleString('en')} siblings`.padEnd(32),
      NAMES[kind].padEnd(23),
      `first ${ms(time)}`,
    );
    await page.close();
  }
}

async function benchAdditions(browser: Browser, slower: number): Promise<void> {
  for (const kind of KINDS) {
    const page = await open(browser, pageOf(1_300), kind, slower);
    await firstSwap(page, kind);
    type Times = { bare: number[]; all: number[] };
    const { bare, all } = await call<Times>(page, 'additions', kind, blocks(1_000), ADDED, ADDITIONS);
    const cells = [
      `${ADDED.toLocaleString('en')} nodes added`.padEnd(28),
      `${slower}x`,
      NAMES[kind].padEnd(22),
      `bare ${ms(median(bare))}`,
      `until swapped ${ms(median(all))}`,
    ];
    console.log(cells.join('  '));
    await page.close();
  }
}

// No server takes part.
await meetNeeds({ ...process.env, TEST_DATABASE_URL: 'none', TEST_REDIS_URL: 'none' });
const browser = await chromium.launch({
  executablePath: findChromium() as string,
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    // Else the script takes us for the robot that we are, and asks nothing.
    '--disable-blink-features=AutomationControlled',
  ],
});
try {
  console.log(
    `${cpus().length} cores, ${cpus()[0]?.model}, Chromium ${browser.version()}, medians of ${FIRSTS} first swaps and ${ROUNDS} later ones`,
  );
  for (const slower of [1, 4]) {
    await benchPage(browser, 1_300, slower);
    await benchPage(browser, 25_000, slower);
  }
  await benchSiblings(browser, 30_000);
  for (const slower of [1, 4]) await benchAdditions(browser, slower);
} finally {
  await browser.close();
}
