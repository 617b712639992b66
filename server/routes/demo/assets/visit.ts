import type { DemoSession } from '../wire.js';
import { ask } from './ask.js';
import { byId, make, say } from './dom.js';
import type { Look } from './page.js';
import { minutes, nice, statusWords } from './words.js';

/** The page's own number, which the script replaces. */
export const TARGET = '+12025550100';

/** The number that the page shows, and for how long it is promised. */
export function showNumber(now: Look): void {
  const isTheirs = now.number !== TARGET;
  say(byId('address'), now.address);
  say(byId('shown'), now.text);
  byId('shown').classList.toggle('unchanged', !isTheirs);
  say(byId('instead'), isTheirs ? `in place of ${nice(TARGET)}` : statusWords(now.status));
  byId('promise').hidden = now.promise === null;
  if (!now.promise) return;
  say(byId('promise-left'), minutes(now.promise.left));
  const bar = byId<HTMLProgressElement>('promise-bar');
  bar.max = now.promise.of;
  bar.value = now.promise.left;
}

const fields = (session: DemoSession): [string, string | null][] => {
  const landing = new URL(session.landing_page_url);
  return [
    ['Source', session.source],
    ['Medium', session.medium],
    ['Campaign', session.campaign],
    ['Keyword', session.keyword],
    ['Landing page', landing.pathname + landing.search],
    ['Pages seen', `${session.page_view_count}, since ${new Date(session.started_at).toLocaleTimeString()}`],
  ];
};

function show(session: DemoSession | null, note: string): void {
  const rows = session ? fields(session) : [];
  byId('visit').replaceChildren(
    ...rows.map(([name, value]) => {
      const said = make('dd', value === null ? 'soft' : '', value ?? '–');
      said.title = value ?? '';
      return make('div', '', make('dt', '', name), said);
    }),
  );
  say(byId('visit-note'), note);
  byId('visit-note').hidden = note === '';
}

let known = '';

/** What the service knows of the visit; asked again when the page says that something has changed. */
export async function showVisit(now: Look): Promise<void> {
  const key = [now.visitor, now.session, now.address, now.status, now.told].join(' ');
  if (key === known) return;
  known = key;
  const isTold = now.status !== null && now.status !== 'waiting';
  if (!isTold) return;
  if (!now.visitor || !now.session) return show(null, 'Nothing is kept of this visitor.');
  const query = new URLSearchParams({ visitor: now.visitor, session: now.session });
  const session = await ask<DemoSession>(`session?${query}`).catch(() => null);
  if (key !== known) return;
  show(session, session ? '' : 'The service does not know this visit.');
}
