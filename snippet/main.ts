import type { EventReply, EventRequest, EventType, SnippetConfig } from '../shared/events.js';
import type { Dni, Shown } from './api.js';
import { showCode } from './code.js';
import { configOfTag } from './config.js';
import { landing } from './landing.js';
import { live } from './life.js';
import { onNavigation } from './navigation.js';
import { post } from './post.js';
import { quiet } from './quiet.js';
import { type Held, type Kept, keep, recall } from './store.js';
import { makeSwapper } from './swap.js';
import { uuid } from './uuid.js';
import { watch } from './watch.js';

/** The argument of the function that the build wraps around this file; absent in the versioned file. */
declare const CONFIG: SnippetConfig | undefined;
/** The version built. */
declare const VERSION: string;

quiet(() => {
  // First of all, because other scripts change the address.
  const { href: url } = location;
  const { referrer } = document;
  if (window.dni) return;

  const { site, targets, origin } = CONFIG ?? configOfTag();
  // Global Privacy Control: nothing is kept, and nobody is told from anybody.
  const none = (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl;
  const key = `dni.${site}`;
  const kept: Kept = none ? { swaps: [] } : recall(key);
  if (!none && kept.visitor?.length !== 36) kept.visitor = uuid();
  kept.landing = landing({ url, referrer }, kept.landing);
  let page = { id: uuid(), url, referrer };
  const turn = (from: string): void => {
    page = { id: uuid(), url: location.href, referrer: from };
  };
  /** The targets on the page. */
  const found = new Set<string>();
  const get = (target: string): Held | undefined => kept.swaps.find((swap) => swap.target === target);

  const listeners: ((shown: Shown) => void)[] = [];
  const tell = (listener: (shown: Shown) => void): void => {
    for (const target of found) listener(get(target) ?? { target, number: target, display: target });
  };
  const dni: Dni = {
    version: VERSION,
    status: kept.swaps[0] ? 'cached' : 'waiting',
    get,
    on: (listener) => {
      const careful = quiet(listener);
      listeners.push(careful);
      tell(careful);
    },
  };
  window.dni = dni;

  const send = (type: EventType, number?: string): Promise<EventReply | undefined> =>
    post(origin, {
      ...kept,
      swaps: undefined,
      type,
      site,
      page: { ...page, title: document.title },
      found: [...found],
      number,
      storage: !none && keep(key, kept),
      consent: none ? 'none' : 'full',
    } as EventRequest);

  const ask = async (type: 'view' | 'renew'): Promise<EventReply | undefined> => {
    const reply = await send(type);
    dni.status = reply?.status ?? 'error';
    if (reply) {
      kept.visitor = reply.visitor ?? kept.visitor;
      kept.session = reply.session;
      kept.landing = undefined;
      // A script that was given no targets is told them.
      if (reply.targets) meet(reply.targets);
      // The service knows the visitor only now.
      if (type === 'view') showCode(() => send('code'));
    }
    return reply;
  };

  const { paint, learn } = makeSwapper((target) => {
    if (!found.has(target)) {
      found.add(target);
      // Others may follow at once.
      view(50);
    }
    return get(target)?.number ?? target;
  });
  const look = () => paint(document, document);
  const meet = (all: string[]): void => {
    for (const target of all) learn(target, target);
    look();
  };

  let last = '';
  const show = (swaps: Held[]): void => {
    kept.swaps = swaps;
    if (!none) keep(key, kept);
    const sum = swaps.map(({ target, number }) => target + number).join();
    if (sum !== last) {
      last = sum;
      for (const { target, number } of swaps) learn(target, number);
      meet(swaps.map(({ target }) => target));
      listeners.forEach(tell);
    }
  };

  const view = live(kept, show, ask);
  watch(paint, look);
  show(kept.swaps);
  meet(targets);
  // Once something was found there is no need to wait for the rest of the page.
  if (found.size || document.readyState !== 'loading') view();
  else document.addEventListener('DOMContentLoaded', () => found.size || view());

  onNavigation(() => {
    turn(page.url);
    // The new page is not there yet, nor is its title.
    setTimeout(() => {
      found.clear();
      look();
      view();
    }, 300);
  });
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) {
      turn(referrer);
      view();
    }
  });
  addEventListener('pagehide', () => {
    if (kept.swaps.some(({ lease }) => lease)) send('leave');
  });
  // Just before a link opens. Not on pointerdown: scrolling begins with that too.
  addEventListener(
    'click',
    quiet(({ target }) => {
      const href = (target as Element).closest('[href^="tel:" i]')?.getAttribute('href');
      const swap = kept.swaps.find(
        ({ lease, number }) => lease && href?.replace(/\D/g, '').includes(number.slice(-7)),
      );
      if (swap) send('tap', swap.number);
    }),
    true,
  );
})();
