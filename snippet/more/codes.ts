import type { Core } from './core.js';

/** Of which page, so that a page asks once. */
let shown = '';
let code: string | undefined;

/** Shows the visitor's code for this page, to give on the phone, in every `[data-dni-code]` there is. */
export async function showCodes({ send, roots }: Core): Promise<void> {
  const places = [...roots].flatMap((root) => [...root.querySelectorAll('[data-dni-code]')]);
  if (!places[0]) return;
  if (shown !== location.pathname) {
    shown = location.pathname;
    code = (await send('code'))?.code;
  }
  if (code) for (const place of places) place.textContent = code;
}
