import type { State } from '../api.js';
import type { begin } from '../consent.js';
import type { show } from '../life.js';
import type { look, original, swapText, write } from '../look.js';
import type { send } from '../send.js';

/** What the first file lends the second. */
export interface Core {
  dni: State;
  roots: Set<Document | ShadowRoot>;
  look: typeof look;
  send: typeof send;
  begin: typeof begin;
  show: typeof show;
  swapText: typeof swapText;
  write: typeof write;
  original: typeof original;
  /** The targets on the page. */
  found: string[];
}
