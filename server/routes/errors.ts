import type { FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { type FieldError, Problem } from '../lib/errors.js';

/** How long a client should wait before it asks again, in seconds, where nothing better is known. */
const RETRY_AFTER = 2;
/** How many wrong fields are told. */
const MOST_ERRORS = 100;

interface Issue {
  keyword: string;
  instancePath: string;
  params: Record<string, unknown>;
  message?: string;
}

/** A field that is not known is named itself, and not the object that it stands in. */
function fieldErrors(validation: Issue[]): FieldError[] {
  return validation.flatMap(({ keyword, instancePath, params, message = 'is not valid' }) => {
    const path = instancePath.replace(/^\//, '').replaceAll('/', '.');
    if (keyword !== 'unrecognized_keys' || !Array.isArray(params.keys)) return [{ path, message }];
    return params.keys
      .slice(0, 20)
      .map((key) => ({ path: path ? `${path}.${key}` : String(key), message: 'is not a field here' }));
  });
}

const BY_STATUS: Record<number, Problem> = {
  400: new Problem('invalid_request', 'The request could not be read.'),
  404: new Problem('not_found', 'There is nothing at this address.'),
  413: new Problem('body_too_large', 'The body is larger than this endpoint takes.'),
  415: new Problem('unsupported_media_type', 'Send application/json, or what this endpoint names.'),
  429: new Problem('rate_limited', 'Too many requests from this address.'),
};

/** What the client is told of an error. `isAway` knows when a store that we depend on cannot be reached. */
export function problemOf(error: unknown, isAway: (error: unknown) => boolean): Problem {
  if (error instanceof Problem) return error;
  if (hasZodFastifySchemaValidationErrors(error)) {
    const errors = fieldErrors(error.validation).slice(0, MOST_ERRORS);
    const where =
      error.validationContext === 'querystring' ? 'query' : (error.validationContext ?? 'request');
    return new Problem('invalid_request', `The ${where} is not valid.`, errors);
  }
  const status = error instanceof Error ? (error as Error & { statusCode?: unknown }).statusCode : undefined;
  if (typeof status === 'number' && BY_STATUS[status]) return BY_STATUS[status];
  if (typeof status === 'number' && status >= 400 && status < 500) return BY_STATUS[400] as Problem;
  if (isAway(error)) return new Problem('unavailable', 'The database cannot be reached for the moment.');
  return new Problem('internal', 'The error was logged under this request id.');
}

/** Sends a problem as RFC 9457 has it. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.status === 503 || problem.status === 429) {
    reply.header('retry-after', String(problem.retryAfter ?? RETRY_AFTER));
  }
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  return reply
    .code(problem.status)
    .header('content-type', 'application/problem+json')
    .send(JSON.stringify({ ...problem.toJSON(), instance: `urn:dni:request:${request.id}` }));
}
