import { z } from 'zod';
import { Problem } from '../../lib/errors.js';
import { asJson } from '../../lib/json.js';
import type { App } from '../app-types.js';
import { id } from '../schemas.js';
import type { Services } from '../services.js';
import { demoSite } from './site.js';
import type { DemoSession } from './wire.js';

/** What the service knows of a visit to the demo. Who asks must know both ids, as the visitor's own browser does. */
export function demoSession(app: App, services: Services): void {
  app.get(
    '/demo/session',
    { schema: { hide: true, querystring: z.object({ visitor: id, session: id }) } },
    async (request, reply): Promise<DemoSession> => {
      const site = await demoSite(services);
      const session = await services.reports.session(request.query.session);
      if (session?.site_id !== site.id || session.visitor_id !== request.query.visitor) {
        throw new Problem('not_found', 'The demo has no such visit.');
      }
      reply.header('cache-control', 'no-store');
      return asJson({
        id: session.id,
        source: session.source,
        medium: session.medium,
        campaign: session.campaign,
        keyword: session.keyword,
        landing_page_url: session.landing_page_url,
        started_at: session.started_at,
        page_view_count: session.page_view_count,
      });
    },
  );
}
