import type { LeadDetails } from '../shared/events.js';
import type { Shown } from './api.js';
import { showCodes } from './more/codes.js';
import { decide, decideFirst } from './more/consent.js';
import type { Core } from './more/core.js';
import { isDebugged, showDebug } from './more/debug.js';
import { enterFrames } from './more/frames.js';
import { labels } from './more/labels.js';
import { watchForms } from './more/lead.js';
import { listen } from './more/listeners.js';
import { printed } from './more/printed.js';

export { tellAll } from './more/listeners.js';
export { put } from './more/put.js';
export { rewrite } from './more/rewrite.js';

/** What the first file expects of this one. */
export type More = typeof import('./more.js');

/** What `dni.lead`, `dni.consent` or `dni.on` was told; nothing: it was called for what is on the page. */
export type Wanted = LeadDetails | boolean | ((shown: Shown) => void);

let hasBegun = false;
let relabel: () => void;

/**
 * The second file of the script: what few pages need. The first file calls it when it loaded it, every second on a page that needs it,
 * and for what the page calls.
 */
export function run(
  roots: Core['roots'],
  dni: Core['dni'],
  begin: Core['begin'],
  show: Core['show'],
  original: Core['original'],
  found: Core['found'],
  swapText: Core['swapText'],
  send: Core['send'],
  write: Core['write'],
  look: Core['look'],
  wanted?: Wanted,
): void {
  const core: Core = { dni, roots, look, send, begin, show, swapText, write, original, found };
  if (typeof wanted === 'boolean') decide(core, wanted);
  else if (!hasBegun) decideFirst(core);
  if (typeof wanted === 'function') listen(core, wanted);
  if (typeof wanted === 'object') send('lead', { lead: wanted });
  if (!hasBegun) {
    hasBegun = true;
    watchForms(core);
    relabel = labels(core);
    if (isDebugged()) showDebug(core);
    look();
  }
  enterFrames(core);
  relabel();
  if (dni.session) showCodes(core);
  if (dni.check) {
    dni.check = false;
    send('renew', { printed: printed(core) });
  }
}
