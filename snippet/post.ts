import type { EventReply, EventRequest } from '../shared/events.js';
import { E164 } from './number.js';

/**
 * Sends an event. The reply, or nothing if there is none in 2.5 s or it makes no sense: a swap has numbers, and a lease an end.
 * A text, so that the browser need not ask first whether it may; `keepalive`, so that it goes out although the page does not stay.
 */
export async function post(origin: string, event: EventRequest): Promise<EventReply | undefined> {
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 2500);
  try {
    const response = await fetch(`${origin}/v1/events`, {
      method: 'POST',
      body: JSON.stringify(event),
      keepalive: true,
      credentials: 'omit',
      signal: abort.signal,
    });
    const reply: EventReply = await response.json();
    const fine = reply.swaps.every(
      ({ target, number, lease, expires_in }) =>
        E164.test(target) && E164.test(number) && (lease ? (expires_in as number) >= 1 : expires_in === null),
    );
    if (response.ok && fine) return reply;
  } catch {}
  return undefined;
}
