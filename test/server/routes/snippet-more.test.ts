import { brotliDecompressSync } from 'node:zlib';
import fastify from 'fastify';
import { validatorCompiler } from 'fastify-type-provider-zod';
import { expect, onTestFinished, test } from 'vitest';
import { createSettings } from '../../../server/domain/settings/settings.js';
import type { App } from '../../../server/routes/app-types.js';
import type { Services, SnippetFile } from '../../../server/routes/services.js';
import { snippetRoutes } from '../../../server/routes/snippet.js';

/** The routes of the script alone, with a script that is given and no site. */
function serving(snippet: SnippetFile) {
  const app = fastify();
  onTestFinished(() => app.close());
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  const none = {
    read: async () => ({ sites: [], trackers: [], numbers: [], keys: [] }),
    sitesOf: async () => [],
  };
  const services = { settings: createSettings(none), snippet, publicUrl: null } as Partial<Services>;
  snippetRoutes(app as unknown as App, services as Services);
  return (path: string, headers: Record<string, string> = {}) => app.inject({ url: path, headers });
}

const MORE = `export const lead = () => {};\n${'// What few pages need.\n'.repeat(20)}`;

test('what few pages need is kept for five minutes, for any page', async () => {
  const ask = serving({ code: 'c=>{}', more: MORE, stub: "'KEY'", version: '1.2.3' });
  const plain = await ask('/dni/more.js');
  expect(plain.statusCode).toBe(200);
  expect(plain.body).toBe(MORE);
  expect(plain.headers).toMatchObject({
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=300',
    'access-control-allow-origin': '*',
  });
  const small = await ask('/dni/more.js', { 'accept-encoding': 'gzip, br' });
  expect(small.headers['content-encoding']).toBe('br');
  expect(brotliDecompressSync(small.rawPayload).toString()).toBe(MORE);
  expect(small.rawPayload.length).toBeLessThan(MORE.length);
  const again = await ask('/dni/more.js', { 'if-none-match': String(plain.headers.etag) });
  expect({ status: again.statusCode, body: again.body }).toEqual({ status: 304, body: '' });
});

test('it is another file than the script, which alone has a version', async () => {
  const ask = serving({ code: 'c=>{}', more: MORE, stub: "'KEY'", version: '1.2.3' });
  expect((await ask('/dni/v1.2.3.js')).body).toBe('(c=>{})();');
  for (const file of ['v1.2.3.more.js', 'v1.2.4.js', 'more']) {
    expect((await ask(`/dni/${file}`)).body).toMatch('There is no script at this address.');
  }
});
