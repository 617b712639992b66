import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { jsonSchemaTransform } from 'fastify-type-provider-zod';
import type { App } from '../app-types.js';
import { completeDocument, type Document } from './complete.js';

/** OpenAPI at /docs, made from the very schemas that validate requests. */
export async function registerDocs(
  app: App,
  {
    version,
    publicUrl,
    transform,
  }: { version: string; publicUrl: string | null; transform: typeof jsonSchemaTransform },
): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Dynamic number insertion',
        version,
        description: 'Which ad made the phone ring. Errors are RFC 9457 problem details with a `code`.',
        license: { name: 'MIT', identifier: 'MIT' } as never,
      },
      tags: [
        { name: 'browser', description: 'What the script on the pages asks; by site key and Origin' },
        {
          name: 'provider',
          description: 'What telephony providers tell; scope calls:write, or their signature',
        },
        { name: 'reports', description: 'Calls, sessions and reports; scope reports:read' },
        { name: 'admin', description: 'Sites, trackers, numbers and keys; scope admin' },
        { name: 'operation', description: 'For the operator' },
      ],
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
    },
    transform,
    transformObject: (given) =>
      'openapiObject' in given
        ? (completeDocument(given.openapiObject as Document, publicUrl) as never)
        : given.swaggerObject,
  });
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true });
}
