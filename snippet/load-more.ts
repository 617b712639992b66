import { config } from './config.js';
import { begin } from './consent.js';
import { dni, found } from './dni.js';
import { show } from './life.js';
import { look, original, roots, swapText, write } from './look.js';
import type { More, Wanted } from './more.js';
import { send } from './send.js';

/** The second file, once it was loaded. */
export let extra: More | undefined;

let loading: Promise<More> | undefined;

/** Loads what few pages need, by an import because that keeps a page's nonce, and runs it. */
export const more = async (wanted?: Wanted): Promise<void> => {
  try {
    // Once: where it is blocked it stays so.
    extra = await (loading ??= import(config.origin + '/dni/more.js') as Promise<More>);
    extra.run(roots, dni, begin, show, original, found, swapText, send, write, look, wanted);
  } catch {}
};
