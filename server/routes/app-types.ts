import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Access } from '../domain/settings/access.js';

/** The Fastify application as routes see it: schemas are zod's, and validated requests carry their types. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on every route behind a key. */
    access: Access;
    /** The body as it came, for senders who sign it. */
    rawBody: Buffer | null;
    /** The body as it was sent, before validation; set where it is kept. */
    sent: unknown;
    /** On which line of a body of CSV each row stands. */
    lines: number[] | null;
  }
}
