import { callDesk, newCaller } from './call.js';
import { byId } from './dom.js';
import { showLog } from './log.js';
import { look, newVisitor } from './page.js';
import { showNumber, showVisit, TARGET } from './visit.js';

const LOOK_MS = 300;

const frame = byId<HTMLIFrameElement>('page');
const desk = callDesk(
  () => look(frame, TARGET),
  () => void showLog(),
);

function follow(): void {
  const now = look(frame, TARGET);
  if (now) {
    showNumber(now);
    desk.offer(now);
    void showVisit(now);
  }
  desk.tick();
}

let answered: Document | null = null;

/** A tap on the number in the page calls it, as on a phone, instead of asking the desktop for a telephone. */
function answerTaps(): void {
  const page = frame.contentDocument;
  if (!page || page === answered) return;
  answered = page;
  page.addEventListener('click', (event) => {
    const link = (event.target as Element | null)?.closest('a[href^="tel:"]');
    if (!link) return;
    event.preventDefault();
    void desk.place();
  });
}

byId('new-visitor').addEventListener('click', async () => {
  await newVisitor(frame);
  newCaller(true);
  desk.clear();
});
for (const link of document.querySelectorAll<HTMLAnchorElement>('nav a'))
  if (link.href === location.href) link.setAttribute('aria-current', 'page');

frame.addEventListener('load', answerTaps);
answerTaps();
newCaller(false);
follow();
setInterval(follow, LOOK_MS);
void showLog();
