import { JSDOM } from 'jsdom';
import { buildSnippet, serveSnippet } from '../../scripts/build-snippet.mjs';
import { numberPattern } from '../../server/domain/settings/number-pattern.js';
import type { EventReply, EventRequest, SnippetConfig, Swap } from '../../shared/events.js';

const { code, more } = await buildSnippet({ version: '0.0.0' });

/** jsdom loads no modules: the second file as a function of the window that returns what it exports. */
const moreAsFunction = more.replace(
  /export\s*\{([^}]*)\};?\s*$/,
  (_, names: string) => `return {${names.replace(/(\w+) as (\w+)/g, '$2:$1')}}`,
);

export const TARGET = '+12025550123';
export const NUMBER = '+12025550199';
export const ORIGIN = 'https://dni.example';
const SITE = 'https://shop.example/';

/** A swap as the service sends it, for five minutes unless told otherwise. */
export const swap = (target = TARGET, number = NUMBER, more: Partial<Swap> = {}): Swap => ({
  target,
  number,
  display: number,
  lease: 'a lease',
  expires_at: null,
  expires_in: 300,
  assignment: 'exclusive',
  ...more,
});

/** A reply as the service sends it. */
export const reply = (swaps: Swap[], more: Partial<EventReply> = {}): EventReply => ({
  visitor: null,
  session: null,
  status: swaps.length ? 'ok' : 'no_number',
  swaps,
  renew_after: 60,
  ...more,
});

/** What an event is answered with: a reply, whatever else the service may say, an error, or no answer ever. */
export type Answer = (event: EventRequest) => unknown;

/** One answer, and then none: the number is restored when its time is over. */
export const once = (first: EventReply): Answer => {
  let answered = 0;
  return () => (answered++ ? new Error('away') : { ...first, renew_after: null });
};

export interface PageOptions {
  body?: string;
  url?: string;
  referrer?: string;
  config?: Partial<SnippetConfig> | null;
  answer?: Answer;
  /** What the page before left in localStorage; null: storage throws. */
  storage?: Record<string, string> | null;
  /** The wall clock, milliseconds. */
  wall?: number;
  hidden?: boolean;
  /** Whether the second file can be loaded. */
  second?: boolean;
  /** Other things to change about the window before the snippet runs. */
  before?: (window: JSDOM['window']) => void;
}

export const NO_ANSWER = Symbol('no answer');

/** Opens a page of a shop that has the snippet in it, on clocks that only the test moves. */
export async function openPage(options: PageOptions = {}) {
  const { body = `<p>Call (202) 555-0123</p>`, url = SITE, answer = () => reply([swap()]) } = options;
  const errors: unknown[] = [];
  const { window } = new JSDOM(`<!doctype html><title>Shop</title><body>${body}</body>`, {
    url,
    referrer: options.referrer || undefined,
    runScripts: 'outside-only',
    pretendToBeVisual: true,
  });
  window.addEventListener('error', (event) => errors.push(event.error));
  const { document } = window;

  const clock = { wall: options.wall ?? Date.parse('2026-03-02T09:00:00Z'), page: 100 };
  let timers: { id: number; at: number; every?: number; run: () => void }[] = [];
  let ids = 0;
  const define = (target: object, name: string, get: () => unknown) =>
    Object.defineProperty(target, name, { get, configurable: true });
  window.Date.now = () => clock.wall;
  window.performance.now = () => clock.page;
  define(window, 'setTimeout', () => (run: (...args: unknown[]) => void, wait = 0, ...args: unknown[]) => {
    timers.push({ id: ++ids, at: clock.page + wait, run: () => run(...args) });
    return ids;
  });
  define(window, 'setInterval', () => (run: () => void, every: number) => {
    timers.push({ id: ++ids, at: clock.page + every, every, run });
    return ids;
  });
  define(window, 'requestAnimationFrame', () => (run: () => void) => window.setTimeout(run, 16));
  // What jsdom has not, or on a clock of its own.
  window.AbortSignal.timeout = (wait) => {
    const abort = new window.AbortController();
    window.setTimeout(() => abort.abort(), wait);
    return abort.signal;
  };
  window.URL.createObjectURL = () => `blob:${window.location.origin}/${crypto.randomUUID()}`;
  define(window, 'loadMore', () => async (address: string) => {
    loads.push(address);
    if (options.second === false) throw new Error('blocked');
    return window.eval(`(() => {${moreAsFunction}})()`);
  });

  const state = { hidden: options.hidden ?? false };
  define(document, 'hidden', () => state.hidden);
  define(document, 'visibilityState', () => (state.hidden ? 'hidden' : 'visible'));
  if (options.storage === null) {
    define(window, 'localStorage', () => {
      throw new Error('denied');
    });
  } else Object.assign(window.localStorage, options.storage);

  const events: (EventRequest & { at: number })[] = [];
  const requests: [string, RequestInit][] = [];
  const loads: string[] = [];
  define(window, 'fetch', () => async (address: string, init: RequestInit) => {
    const event: EventRequest = JSON.parse(String(init.body));
    requests.push([address, init]);
    events.push({ ...event, at: clock.page });
    const answered = await answer(event);
    if (answered === NO_ANSWER) {
      await new Promise((_, fail) =>
        init.signal?.addEventListener('abort', () => fail(new Error('aborted'))),
      );
    }
    if (answered instanceof Error) throw answered;
    if (answered instanceof Response) return answered;
    if (typeof answered === 'string') return new Response(answered);
    // The service adopts the visitor that it is told of.
    const { visitor = null } = answered as EventReply;
    return new Response(JSON.stringify({ ...(answered as EventReply), visitor: visitor ?? event.visitor }));
  });
  options.before?.(window);

  /** Lets promises and observers run. */
  const settle = async () => {
    for (let i = 0; i < 5; i++) await new Promise(setImmediate);
  };
  /** Moves both clocks by so many milliseconds, running each timer at its time. */
  const pass = async (milliseconds: number) => {
    await settle();
    const end = clock.page + milliseconds;
    for (;;) {
      const next = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at || a.id - b.id)[0];
      if (!next) break;
      const step = Math.max(0, next.at - clock.page);
      clock.page += step;
      clock.wall += step;
      timers = timers.filter((timer) => timer !== next);
      if (next.every) timers.push({ ...next, at: clock.page + next.every });
      try {
        next.run();
      } catch (error) {
        errors.push(error);
      }
      await settle();
    }
    clock.wall += end - clock.page;
    clock.page = end;
  };
  const run = () => {
    const config =
      options.config === null
        ? null
        : {
            site: 'site1',
            origin: ORIGIN,
            ...options.config,
            ...numberPattern(options.config?.targets ?? [TARGET]),
          };
    window.eval(serveSnippet(code.replaceAll('import(', 'window.loadMore('), config));
  };
  const show = (hidden: boolean) => {
    state.hidden = hidden;
    document.dispatchEvent(new window.Event('visibilitychange'));
  };
  run();
  await settle();
  return {
    window,
    document,
    clock,
    events,
    requests,
    loads,
    errors,
    settle,
    pass,
    run,
    show,
    /** The text of the page, or of what a selector finds. */
    text: (selector = 'body') => document.querySelector(selector)?.textContent,
    html: () => document.body.innerHTML,
    href: (selector = 'a') => document.querySelector(selector)?.getAttribute('href'),
    /** What a next page finds in localStorage. */
    kept: (): Record<string, string> => ({ ...window.localStorage }),
    types: () => events.map(({ type }) => type),
    transition: (type: 'pageshow' | 'pagehide', persisted = false) => {
      const event = new window.Event(type);
      Object.defineProperty(event, 'persisted', { value: persisted });
      window.dispatchEvent(event);
    },
  };
}

export type Page = Awaited<ReturnType<typeof openPage>>;
