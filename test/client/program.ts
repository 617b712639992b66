// A program as an integrator would write it, against types that are generated from the document of a running service:
// `service.d.ts` is made by client.test.ts, which type-checks this file and runs it.
import createClient from 'openapi-fetch';
import type { paths } from './service.js';

/** What of the answers the test looks at. */
export interface Seen {
  currency: string;
  saved: number;
  costs: [source: string, cost: number][];
  call: string;
  tags: string[];
  note: string | null;
  listed: string[];
  total: number;
  bySource: (string | null | undefined)[];
  code: string;
  fields: string[];
}

/** Asks the service at `baseUrl` about a site that is there, one of whose tracking numbers is `number`. */
export async function run(baseUrl: string, key: string, site_id: string, number: string): Promise<Seen> {
  const client = createClient<paths, `${string}/${string}json`>({
    baseUrl,
    headers: { authorization: `Bearer ${key}` },
  });

  const site = await client.PATCH('/v1/sites/{id}', {
    params: { path: { id: site_id } },
    body: { currency: 'EUR' },
  });
  if (!site.data) throw new Error(site.error.detail);

  // Among the last 30 days, which a summary is of unless told otherwise.
  const date = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  const saved = await client.POST('/v1/costs', {
    body: { site_id, costs: [{ date, source: 'flyer', medium: '', cost: 90.5 }] },
  });
  if (!saved.data) throw new Error(saved.error.detail);
  const costs = await client.GET('/v1/costs', { params: { query: { site_id, start_date: date } } });

  const started = await client.POST('/v1/calls/start', {
    body: { call_id: `client ${site_id}`, to: number },
  });
  if (!started.data) throw new Error(started.error.detail);
  const patched = await client.PATCH('/v1/calls/{id}', {
    params: { path: { id: started.data.id } },
    body: { append_tags: ['vip'], note: 'by a client', value: 12 },
  });
  const list = await client.GET('/v1/calls', { params: { query: { site_id, per_page: 10 } } });
  const summary = await client.GET('/v1/calls/summary', {
    params: { query: { site_id, group_by: ['source', 'campaign'] } },
  });

  const refused = await client.POST('/v1/costs', {
    // @ts-expect-error an amount is a number
    body: { site_id, costs: [{ date, source: 'flyer', medium: '', cost: '1,50' }] },
  });
  const { code, errors = [] } = refused.error ?? { code: 'none' };
  // @ts-expect-error there is no such address
  await client.GET('/v1/visits');
  // @ts-expect-error a listed call has no price
  list.data?.calls[0]?.price satisfies undefined;

  return {
    currency: site.data.currency,
    saved: saved.data.saved,
    costs: (costs.data?.costs ?? []).map(({ source, cost }) => [source, cost]),
    call: started.data.id,
    tags: patched.data?.tags ?? [],
    note: patched.data?.note ?? null,
    listed: (list.data?.calls ?? []).map(({ id }) => id),
    total: summary.data?.total_results.calls ?? 0,
    bySource: (summary.data?.grouped_results ?? []).map(({ source }) => source),
    code,
    fields: errors.map(({ path }) => path),
  };
}
