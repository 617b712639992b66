import type { DemoCall } from '../wire.js';
import { ask, Refused } from './ask.js';
import { byId, say } from './dom.js';
import type { Look } from './page.js';
import { showVerdict } from './verdict.js';
import { minutes, nice } from './words.js';

/** Area codes whose 555-01XX numbers are all kept for fiction; those of the demo's own end below 30. */
const AREAS = ['202', '206', '212', '303', '305', '312', '404', '415', '512', '617', '702', '713'];
const REMEMBERED = 'demo.caller';

function fictional(): string {
  const area = AREAS[Math.floor(Math.random() * AREAS.length)];
  return `+1 ${area} 555 01${30 + Math.floor(Math.random() * 70)}`;
}

/** Lets somebody else call. Kept between pages: one caller may come by two ads. */
export function newCaller(fresh: boolean): void {
  const caller = (!fresh && sessionStorage.getItem(REMEMBERED)) || fictional();
  sessionStorage.setItem(REMEMBERED, caller);
  byId<HTMLInputElement>('caller').value = caller;
}

/** What was typed as E.164: ten digits are American, as the plumber's neighbours would type them. */
function typed(text: string): string | null {
  if (text.trim() === '') return null;
  const digits = text.replace(/[^\da-z+]/gi, '');
  return digits.length === 10 ? `+1${digits}` : digits;
}

interface Live {
  call: DemoCall;
  since: number;
}

/** Places calls to the number that the page shows at that moment, and ends them. `changed`: the list of calls is old. */
export function callDesk(lookNow: () => Look | null, changed: () => void) {
  const form = byId<HTMLFormElement>('call-form');
  const button = byId<HTMLButtonElement>('call-button');
  const note = byId('call-note');
  let live: Live | null = null;
  let isBusy = false;

  function tell(text: string): void {
    say(note, text);
    note.hidden = text === '';
  }

  /** One at a time; what the service refuses is told. */
  async function once(work: () => Promise<void>): Promise<void> {
    if (isBusy) return;
    isBusy = true;
    tell('');
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const isOwn = error.code === 'unknown_number';
      tell(isOwn ? 'The page shows its own number, and a call to that one says nothing.' : error.message);
    } finally {
      isBusy = false;
    }
  }

  const place = () =>
    once(async () => {
      const now = lookNow();
      if (live || !now) return;
      const caller = byId<HTMLInputElement>('caller').value;
      sessionStorage.setItem(REMEMBERED, caller);
      const call = await ask<DemoCall>('call', { number: now.number, from: typed(caller) });
      live = { call, since: Date.now() };
      form.hidden = true;
      byId('live').hidden = false;
      say(byId('live-text'), `${nice(now.number)} rings through to ${nice(call.route.destination)}`);
      showVerdict(call, now.session);
      byId('hang-up').focus();
      byId('verdict').scrollIntoView({ block: 'nearest' });
      tick();
      changed();
    });

  const hangUp = () =>
    once(async () => {
      if (!live) return;
      const duration = Math.round((Date.now() - live.since) / 1000);
      await ask(`calls/${live.call.id}/end`, { duration });
      live = null;
      form.hidden = false;
      byId('live').hidden = true;
      button.focus();
      changed();
    });

  function tick(): void {
    if (live) say(byId('live-time'), minutes((Date.now() - live.since) / 1000));
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void place();
  });
  byId('hang-up').addEventListener('click', () => void hangUp());

  return {
    place,
    tick,
    /** Another visitor: the last call was not theirs. */
    clear: () => {
      if (!live) byId('verdict').replaceChildren();
      tell('');
    },
    offer: (now: Look) => say(button, `Call ${now.text}`),
  };
}
