import type { EventReply, EventRequest, EventType, SnippetConfig } from '../shared/events.js';
import type { Dni, Shown } from './api.js';
import { now } from './clock.js';
import { configOfTag } from './config.js';
import { landing } from './landing.js';
import { live } from './life.js';
import { onNavigation } from './navigation.js';
import { E164 } from './number.js';
import { post } from './post.js';
import { quiet } from './quiet.js';
import { type Held, type Kept, keep, recall } from './store.js';
import { makeSwapper } from './swap.js';
import { uuid } from './uuid.js';
import { watch } from './watch.js';

/** The argument of the function that the build wraps around this file; absent in the versioned file. */
declare const CONFIG: SnippetConfig | undefined;

quiet(() => {
  // First of all, because other scripts change the address.
  const { href: url } = location;
  const { referrer } = document;
  if (window.dni) return;

  const { site, targets, origin } = CONFIG ?? configOfTag();
  // Global Privacy Control: nothing is kept, and nobody is told from anybody.
  const none = (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl;
  const key = `dni.${site}`;
  const kept: Kept = none ? { swaps: [] } : recall(key, now());
  if (!none && kept.visitor?.length !== 36) kept.visitor = uuid();
  kept.landing = landing({ url, referrer }, kept.landing);
  let page = { id: uuid(), url, referrer };
  const found = new Set<string>();

  const send = async (type: EventType, number?: string): Promise<EventReply | undefined> => {
    const reply = await post(origin, {
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
    if (type === 'view' || type === 'renew') dni.status = reply?.status ?? 'error';
    if (reply) {
      if (!none) {
        kept.visitor = reply.visitor ?? kept.visitor;
        kept.session = reply.session;
      }
      kept.landing = undefined;
      // A script that was given no targets is told them.
      const { targets: told } = reply as EventReply & { targets?: string[] };
      if (told) {
        meet(told);
        look();
      }
    }
    return reply;
  };

  const get = (target: string): Held | undefined => kept.swaps.find((swap) => swap.target === target);
  const listeners: ((shown: Shown) => void)[] = [];
  const tell = (listener: (shown: Shown) => void): void => {
    for (const target of met) listener(get(target) ?? { target, number: target, display: target });
  };
  const dni: Dni = {
    status: kept.swaps.length ? 'cached' : 'waiting',
    get,
    on: (listener) => {
      const careful = quiet(listener);
      listeners.push(careful);
      tell(careful);
    },
  };
  window.dni = dni;

  const { paint, learn } = makeSwapper(
    (target) => {
      if (!found.has(target)) {
        found.add(target);
        // Others may follow at once.
        view(50);
      }
      return get(target)?.number ?? target;
    },
    (root) => {
      observe(root);
      paint(root, root);
    },
  );
  const look = () => paint(document, document);
  const observe = watch(paint, look);
  const met = new Set<string>();
  const meet = (all: string[]): void => {
    for (const target of all) {
      if (E164.test(target)) {
        met.add(target);
        learn(target, target);
      }
    }
  };

  let last: string | undefined;
  const show = (swaps: Held[]): void => {
    kept.swaps = swaps;
    if (!none) keep(key, kept);
    const sum = swaps.map(({ target, number }) => target + number).join();
    if (sum !== last) {
      last = sum;
      for (const { target, number } of swaps) {
        meet([target]);
        learn(target, number);
      }
      look();
      listeners.forEach(tell);
    }
  };

  const view = live(kept, show, send);
  observe(document);
  meet(targets);
  show(kept.swaps);
  // Once something was found there is no need to wait for the rest of the page.
  if (found.size || document.readyState !== 'loading') view();
  else document.addEventListener('DOMContentLoaded', () => found.size || view());

  const turn = (from: string): void => {
    page = { id: uuid(), url: location.href, referrer: from };
  };
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
      const href = (target as Element).closest('[href^="tel:" i]')?.getAttribute('href') ?? '';
      const swap = kept.swaps.find(
        ({ lease, number }) => lease && href.replace(/\D/g, '').includes(number.slice(-7)),
      );
      if (swap) send('tap', swap.number);
    }),
    true,
  );
})();
