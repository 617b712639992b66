import type { Dni } from './api.js';
import { config } from './config.js';
import { begin } from './consent.js';
import { dni, found } from './dni.js';
import { show, tick, view } from './life.js';
import { more } from './load-more.js';
import type { Links } from './look.js';
import { page, uuid } from './page.js';
import { send } from './send.js';

const queue = window.dni;

const handlers: Record<string, (event: never) => unknown> = {
  // On paper a number would outlive its lease. It comes back with the next answer.
  beforeprint: () => show([]),
  // The way back to a page that was kept as it was.
  pageshow: (event: PageTransitionEvent) => event.persisted && view((page.id = uuid())),
  visibilitychange: tick,
  DOMContentLoaded: () => found.length || view(),
  pagehide: () => {
    if (dni.swaps[0]) send('leave');
  },
  // Just before a link opens, if it was changed. Not on pointerdown: scrolling begins with that too.
  click: (event: MouseEvent) => {
    const href = ((event.target as Element).closest?.('a') as { attributes: Links } | null)?.attributes.href;
    if (href?.dni) send('tap', { number: href.value });
  },
};

if (config.site && !(queue as { on?: unknown })?.on) {
  window.dni = dni;
  for (const type in handlers) addEventListener(type, handlers[type] as EventListener, true);
  setInterval(tick, 1e3);
  config.mode || config.domain || /dni_d/.test(page.url) ? more() : begin(true);
  (queue as unknown as ((dni: Dni) => void)[] | undefined)?.map?.(dni.push);
}
