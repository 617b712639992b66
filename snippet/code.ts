import type { EventReply } from '../shared/events.js';

/** Shows the visitor's code for this page, to give on the phone, in every `[data-dni-code]` there is. */
export async function showCode(ask: () => Promise<EventReply | undefined>): Promise<void> {
  const places = document.querySelectorAll('[data-dni-code]');
  const code = places[0] && (await ask())?.code;
  if (code) for (const place of places) place.textContent = code;
}
