import type { EventReply, EventRequest } from '../../../shared/events.js';
import { type Answer, api } from '../../support/api.js';
import type { TestSite } from '../../support/site.js';

/** A browser that people use; the default one of Node would count as a bot. */
export const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

export type Event = Partial<Omit<EventRequest, 'page'>> & { page?: Partial<EventRequest['page']> };

export interface Page {
  /** Sends an event of this page; `event` goes over what every page says. */
  send: (event: Event, headers?: Record<string, string>) => Promise<Answer<EventReply>>;
  view: (event?: Event, headers?: Record<string, string>) => Promise<Answer<EventReply>>;
}

/** A page of the site as the snippet would speak for it: text/plain, with a user agent of a browser. */
export function pageOf(url: string, site: Pick<TestSite, 'key' | 'target'>): Page {
  const send: Page['send'] = ({ page, ...event }, headers) => {
    const body = {
      type: 'view',
      site: site.key,
      found: [site.target],
      ...event,
      page: { url: 'https://shop.example/', referrer: '', ...page },
    };
    return api(url).post('/v1/events', JSON.stringify(body), {
      'content-type': 'text/plain',
      'user-agent': FIREFOX,
      ...headers,
    });
  };
  return { send, view: (event, headers) => send({ ...event, type: 'view' }, headers) };
}
