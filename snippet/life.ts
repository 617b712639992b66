import type { EventReply } from '../shared/events.js';
import type { Swapped } from './api.js';
import { now } from './clock.js';
import { isFull } from './consent.js';
import { dni, found } from './dni.js';
import { extra, more } from './load-more.js';
import { look, renew } from './look.js';
import { uuid } from './page.js';
import { send } from './send.js';
import { key, recall, remember } from './store.js';

/** When to ask next, by `now()`; 0: now, and as a view. */
let next = 1 / 0;
let isAsking: unknown;
let shown = '';

export const show = (swaps: Swapped[]): void => {
  // A number that was lost is asked for anew.
  if (dni.swaps.length > swaps.length) next = 0;
  dni.swaps = swaps;
  if (shown != (shown = `${swaps.map((swap) => swap.number)}`)) {
    look();
    extra?.tellAll();
  }
};

/**
 * Every second, and whenever something may have changed: takes numbers from the page whose time is over, looks at the page, and asks if it is
 * time to. A hidden page, one rendered ahead too, takes no number, nor does a robot that says so. One question at a time.
 */
export const tick = async (_?: unknown): Promise<void> => {
  const since = now();
  show(since < (dni.end as number) ? dni.swaps : []);
  look(renew());
  // A selection too: only the second file writes so that it stays as it is.
  if (
    dni.check ||
    (getSelection()?.type as string) > 'P' ||
    document.querySelector('iframe,[data-dni-code],[data-dni-lead],[data-dni=labels]')
  )
    more();
  if (since < next || isAsking || isFull == null || navigator.webdriver || document.hidden) return;
  const type = shown && next ? 'renew' : 'view';
  const ask = () => {
    if (!dni.visitor && isFull) {
      // Another tab may have begun meanwhile.
      recall();
      dni.visitor ||= uuid();
    }
    return send(type);
  };
  // After no answer at all.
  next = since + 20e3;
  try {
    isAsking = dni.visitor ? ask() : (navigator.locks?.request(key, ask).catch(ask) ?? ask());
    const reply = (await isAsking) as EventReply;
    // All counts from the question, so that a slow answer does not lengthen a promise. A second less, because we look once a second.
    const end =
      since +
      Math.min(...reply.swaps.map((swap) => (swap.lease ? (swap.expires_in as number) : 1 / 0))) * 1e3 -
      1e3;
    // What became due meanwhile stays due.
    next &&= since + (reply.renew_after || 1e9) * 1e3;
    show(
      (reply.swaps = reply.swaps.filter(
        (swap) => /^\+\d{7,}$/.test(swap.number) && since < end,
      )) as Swapped[],
    );
    Object.assign(dni, reply, { end, landing: null });
    remember();
  } catch {
    dni.status = 'error';
  }
  isAsking = null;
};

/** Asks for what the page shows now. */
export const view = (_?: unknown): void => {
  tick((next = 0));
};

/** A target is on the page. */
export const find = (target: string): unknown =>
  // Others may follow at once.
  found.includes(target) || setTimeout(tick, 50, found.push(target), (next = 0));
