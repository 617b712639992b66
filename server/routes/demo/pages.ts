import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Problem } from '../../lib/errors.js';
import type { App } from '../app-types.js';
import type { Services } from '../services.js';
import { readAssets, readPage } from './files.js';
import { demoSite } from './site.js';

/** What a page may load beside its icons, which stand in it. `code`: where its scripts come from and may ask. */
const policy = (code: string, ...more: string[]): string =>
  [
    "default-src 'none'",
    `script-src ${code}`,
    `connect-src ${code}`,
    "style-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
    ...more,
  ].join('; ');

/** The frame and the page in it. */
export function demoPages(app: App, services: Services): void {
  const assets = readAssets();
  const frame = readPage<'query' | 'script'>('frame.html');
  const pages: Record<string, (values: { script: string }) => string> = {
    home: readPage('home.html'),
    prices: readPage('prices.html'),
  };
  const framePolicy = policy("'self'", "frame-src 'self'");
  // The tag names the public address, which need not be the one that the page was opened at.
  const pagePolicy = policy(services.publicUrl ? `'self' ${new URL(services.publicUrl).origin}` : "'self'");

  /** What an owner pastes: the whole address of their site's script. */
  async function scriptUrl(request: FastifyRequest): Promise<string> {
    const { key } = await demoSite(services);
    return `${services.publicUrl ?? `${request.protocol}://${request.host}`}/dni/${key}.js`;
  }

  const sendPage = (reply: FastifyReply, html: string, allowed: string) =>
    reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('content-security-policy', allowed)
      .header('cache-control', 'no-cache')
      .header('x-robots-tag', 'noindex')
      // As browsers do where a page says nothing: this is how an ordinary site sends its visitors on.
      .header('referrer-policy', 'strict-origin-when-cross-origin')
      .send(html);

  app.get('/demo', { schema: { hide: true } }, async (request, reply) => {
    const { url } = request.raw;
    const query = url?.includes('?') ? url.slice(url.indexOf('?')) : '';
    return sendPage(reply, frame({ query, script: await scriptUrl(request) }), framePolicy);
  });

  const page = async (request: FastifyRequest, reply: FastifyReply, name: string) => {
    const html = Object.hasOwn(pages, name) ? pages[name] : undefined;
    if (!html) throw new Problem('not_found', 'The plumber has no such page.');
    return sendPage(reply, html({ script: await scriptUrl(request) }), pagePolicy);
  };
  app.get('/demo/page', { schema: { hide: true } }, (request, reply) => page(request, reply, 'home'));
  app.get(
    '/demo/page/:name',
    { schema: { hide: true, params: z.object({ name: z.string().max(40) }) } },
    (request, reply) => page(request, reply, request.params.name),
  );

  app.get(
    '/demo/assets/:file',
    { schema: { hide: true, params: z.object({ file: z.string().max(40) }) } },
    async (request, reply) => {
      const asset = assets.get(request.params.file);
      if (!asset) throw new Problem('not_found', 'There is nothing at this address.');
      return reply.header('content-type', asset.type).header('cache-control', 'no-cache').send(asset.text);
    },
  );
}
