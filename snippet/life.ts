import type { EventReply } from '../shared/events.js';
import { now } from './clock.js';
import { quiet } from './quiet.js';
import type { Held, Kept } from './store.js';

const NEVER = 1 / 0;

/**
 * Decides when to ask. The function it returns wants a view `wait` milliseconds from now, or as soon after that as somebody looks at
 * the page: hidden or rendered ahead it takes no number. A renewal follows when the service said it may, a view when a
 * number is lost. A number whose time is over goes from the page in the task that notices.
 */
export function live(
  kept: Kept,
  show: (swaps: Held[]) => void,
  send: (type: 'view' | 'renew') => Promise<EventReply | undefined>,
): (wait?: number) => void {
  let due = false;
  /** Milliseconds after which the page may ask again, and when that is. */
  let pace = NEVER;
  let next = NEVER;
  let asked = 0;
  let answered = 0;
  let timer: ReturnType<typeof setTimeout>;

  const ask = async (type: 'view' | 'renew'): Promise<void> => {
    const turn = ++asked;
    // The promise counts from here, so that a slow answer does not lengthen it.
    const time = now();
    next = time + pace;
    due = false;
    const reply = await send(type);
    // An answer that was overtaken says nothing any more.
    if (reply && turn > answered) {
      answered = turn;
      const after = reply.renew_after as number;
      pace = after >= 1 ? after * 1e3 : NEVER;
      next = time + pace;
      const before = kept.swaps;
      show(
        reply.swaps.map((swap) => ({
          ...swap,
          until: swap.lease ? time + (swap.expires_in as number) * 1e3 : NEVER,
        })),
      );
      due ||= type === 'renew' && before.length > kept.swaps.length;
    }
    tick();
  };

  const tick = quiet(() => {
    clearTimeout(timer);
    const time = now();
    const held = kept.swaps.filter(({ until }) => until > time);
    if (held.length < kept.swaps.length) {
      show(held);
      due = true;
    }
    let wait = Math.min(...held.map(({ until }) => until - time));
    if (!(document.hidden || (document as { prerendering?: boolean }).prerendering || navigator.webdriver)) {
      if (due || time >= next) ask(due || !held.length ? 'view' : 'renew');
      wait = Math.min(wait, next - time);
    }
    // Browsers take longer waits than this for none.
    if (wait < NEVER) timer = setTimeout(tick, Math.min(wait, 2e9));
  });

  document.addEventListener('visibilitychange', tick);
  document.addEventListener('prerenderingchange', tick);

  return (wait) => {
    due = true;
    if (wait) setTimeout(tick, wait);
    else tick();
  };
}
