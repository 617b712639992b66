import type { FastifyRequest } from 'fastify';
import type { App } from './app-types.js';

/** A form's fields; a field that comes more than once is a list. */
function readForm(text: string): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = Object.create(null);
  for (const [name, value] of new URLSearchParams(text)) {
    const before = fields[name];
    fields[name] = before === undefined ? value : [before, value].flat();
  }
  return fields;
}

/**
 * Bodies are JSON or, where a provider may call, forms. The raw bytes are kept for who checks a signature. An empty
 * body is no body: many clients send a content type with a DELETE.
 */
export function readBodies(app: App): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    ['application/json', 'text/plain'],
    { parseAs: 'buffer' },
    (request: FastifyRequest, body: Buffer, done) => {
      request.rawBody = body;
      const text = body.toString('utf8');
      if (text.trim() === '') done(null, undefined);
      else parseJson(request, text, done);
    },
  );
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'buffer' },
    (request: FastifyRequest, body: Buffer, done) => {
      request.rawBody = body;
      done(null, readForm(body.toString('utf8')));
    },
  );
}
