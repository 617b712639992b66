import { createHash } from 'node:crypto';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { z } from 'zod';
import type { SnippetConfig } from '../../shared/events.js';
import { numberPattern } from '../domain/settings/number-pattern.js';
import { sharedDomain } from '../domain/settings/shared-domain.js';
import { limitBySite } from '../domain/visits/admit.js';
import { Problem } from '../lib/errors.js';
import type { App } from './app-types.js';
import { problemOf } from './schemas.js';
import type { Services } from './services.js';

type Encoding = 'br' | 'gzip' | 'identity';

interface Served {
  etag: string;
  bodies: Record<Encoding, Buffer>;
}

const MAX_CACHED = 1_000;

/** The script with its configuration in front. `<` is escaped, so that it may stand inside a page too. */
const script = (code: string, config: SnippetConfig | null): string =>
  `(${code})(${config ? JSON.stringify(config).replaceAll('<', '\\u003c') : ''});`;

/** The best costs 20 times the CPU of the other, for a twentieth fewer bytes. */
const BEST = 11;
const QUICK = 5;

function serve(text: string, quality: number): Served {
  const raw = Buffer.from(text);
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: quality,
    [constants.BROTLI_PARAM_SIZE_HINT]: raw.length,
  };
  return {
    etag: createHash('sha256').update(raw).digest('base64url').slice(0, 27),
    bodies: { identity: raw, gzip: gzipSync(raw, { level: 9 }), br: brotliCompressSync(raw, { params }) },
  };
}

/** The best encoding that the client accepts (RFC 9110, 12.5.3); a quality of 0 means no. */
export function chooseEncoding(accept: string | undefined): Encoding {
  const accepted = new Set(
    (accept ?? '')
      .toLowerCase()
      .split(',')
      .map((part) => part.trim().split(';'))
      .filter(([, quality]) => !/^\s*q=0(\.0*)?\s*$/.test(quality ?? ''))
      .map(([coding]) => coding),
  );
  return accepted.has('br') ? 'br' : accepted.has('gzip') ? 'gzip' : 'identity';
}

/** The script: one address a site, and one a version for who pins it by its hash; and what few pages need. */
export function snippetRoutes(app: App, { settings, snippet, publicUrl, requests }: Services): void {
  // In a hook, so that errors carry it too: a page that loads the script with CORS, for its hash or as a module, can read them.
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('access-control-allow-origin', '*');
  });

  /** The one file that never changes. */
  const pinned = `v${snippet.version}.js`;
  /** The files that are the same for all sites, by name. */
  const ofAll = new Map([
    [pinned, script(snippet.code, null)],
    ['more.js', snippet.more],
  ]);

  const cache = new Map<string, { text: string; served: Served }>();

  /** Compressed once. Where the text says by which name we were asked, anybody can have another one made. */
  function cached(key: string, text: string, isOurs: boolean): Served {
    const before = cache.get(key);
    if (before?.text === text) return before.served;
    if (cache.size >= MAX_CACHED) cache.clear();
    const served = serve(text, isOurs ? BEST : QUICK);
    cache.set(key, { text, served });
    return served;
  }

  async function ofSite(file: string, self: string): Promise<Served> {
    const [, key = '', isStub] = /^(.+?)(\.stub)?\.js$/.exec(file) ?? [];
    const site = key ? await settings.siteByKey(key) : null;
    if (!site) throw new Problem('unknown_site', 'There is no script at this address.');
    await limitBySite(requests.bySite, site.id);
    if (isStub) return cached(file, snippet.stub.replaceAll('KEY', site.key), true);
    const origin = publicUrl ?? self;
    const domain = sharedDomain(site.allowed_origins) ?? undefined;
    const config = { site: site.key, ...numberPattern(settings.targetsOf(site.id)), origin, domain };
    return cached(`${file} ${origin}`, script(snippet.code, config), publicUrl !== null);
  }

  app.get(
    '/dni/:file',
    {
      schema: {
        tags: ['browser'],
        summary: 'The script',
        description:
          '`<site key>.js`, or `v<version>.js` without a site; `more.js` is what the script loads where a page needs it, `<site key>.stub.js` what may be pasted into the head.',
        produces: ['text/javascript'],
        params: z.object({ file: z.string().max(80) }),
        response: { 200: z.string(), 304: z.null(), 404: problemOf('unknown_site') },
      },
    },
    async (request, reply) => {
      const { file } = request.params;
      const common = ofAll.get(file);
      const { etag, bodies } =
        common === undefined
          ? await ofSite(file, `${request.protocol}://${request.host}`)
          : cached(file, common, true);
      const encoding = chooseEncoding(request.headers['accept-encoding']);
      const tag = `"${etag}-${encoding}"`;
      reply
        .header(
          'cache-control',
          file === pinned ? 'public, max-age=31536000, immutable' : 'public, max-age=300',
        )
        .header('etag', tag)
        .header('vary', 'Accept-Encoding')
        .header('content-type', 'text/javascript; charset=utf-8');
      const known = (request.headers['if-none-match'] ?? '')
        .split(',')
        .map((text) => text.trim().replace(/^W\//, ''));
      if (known.includes(tag) || known.includes('*')) return reply.code(304).send(null);
      if (encoding !== 'identity') reply.header('content-encoding', encoding);
      return reply.send(bodies[encoding] as never);
    },
  );
}
