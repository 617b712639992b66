import type { EventReply, EventRequest, EventType } from '../shared/events.js';
import { config } from './config.js';
import { isFull } from './consent.js';
import { dni, found } from './dni.js';
import { page } from './page.js';
import { remember } from './store.js';

/**
 * Sends an event. The reply, or nothing if there is none in 2.5 s or it is no JSON. A text, so that the browser need not ask first whether it
 * may; `keepalive`, so that it goes out although the page does not stay.
 */
export const send = async (
  type: EventType,
  more?: Partial<EventRequest>,
  cookies = remember(),
): Promise<EventReply | undefined> => {
  try {
    return await (
      await fetch(config.origin + '/v1/events', {
        keepalive: true,
        signal: AbortSignal.timeout(2500),
        method: 'POST',
        body: JSON.stringify({
          ...dni,
          storage: !!cookies,
          consent: isFull ? 'full' : 'none',
          cookies,
          hint: 0,
          page: { ...page, title: document.title },
          // The service knows them.
          pattern: 0,
          found,
          type,
          ...more,
        }),
      })
    ).json();
  } catch {}
  return undefined;
};
