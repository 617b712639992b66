import { ERRORS, type ErrorCode } from '../../lib/errors.js';
import type { Schema } from './schema.js';

/** What a status means where a route says no more. */
const USUAL: Record<string, ErrorCode> = {
  400: 'invalid_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  413: 'body_too_large',
  415: 'unsupported_media_type',
  429: 'rate_limited',
  500: 'internal',
};

const CODES = Object.keys(ERRORS) as ErrorCode[];

/** The schema of every error, by which the others are narrowed to their codes. */
export const PROBLEM_SCHEMA = {
  type: 'object',
  description: 'RFC 9457 problem details',
  properties: {
    type: { type: 'string', description: '`urn:dni:error:<code>`' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What was wrong with this request' },
    code: { type: 'string', enum: CODES },
    errors: {
      type: 'array',
      description: 'With `invalid_request`: the fields that were wrong, at most 100',
      items: {
        type: 'object',
        properties: {
          path: { type: 'string', description: 'In dots, as in `costs.3.date`' },
          message: { type: 'string' },
        },
        required: ['path', 'message'],
      },
    },
    instance: { type: 'string', description: '`urn:dni:request:<id>`, as in the log' },
  },
  required: ['type', 'title', 'status', 'detail', 'code'],
};

/** The codes that a route says it answers with a status, by its schema of that answer. */
export function codesOf(status: string, schema: Schema | undefined): ErrorCode[] {
  const named = schema?.properties?.code?.enum as ErrorCode[] | undefined;
  const usual = USUAL[status];
  return named ?? (usual ? [usual] : []);
}

const exampleOf = (code: ErrorCode) => ({
  type: `urn:dni:error:${code}`,
  title: ERRORS[code][1],
  status: ERRORS[code][0],
  detail: code === 'invalid_request' ? 'The body is not valid.' : `${ERRORS[code][1]}.`,
  code,
  ...(code === 'invalid_request' ? { errors: [{ path: 'name', message: 'must not be empty' }] } : {}),
  instance: 'urn:dni:request:0199c1de-7c00-7a10-8b21-3c5d7e9f0a20',
});

const RETRY_AFTER = {
  'Retry-After': { description: 'Seconds after which to ask again', schema: { type: 'integer' }, example: 2 },
};

/** The answer with one of these codes, which share a status. */
export function problemResponse(codes: ErrorCode[]) {
  const mayRetry = codes.some((code) => ERRORS[code][0] === 429 || ERRORS[code][0] === 503);
  return {
    description: codes.map((code) => `\`${code}\`: ${ERRORS[code][1].toLowerCase()}`).join('; '),
    ...(mayRetry ? { headers: RETRY_AFTER } : {}),
    content: {
      'application/problem+json': {
        schema: {
          allOf: [
            { $ref: '#/components/schemas/Problem' },
            { type: 'object', properties: { code: { enum: codes } } },
          ],
        },
        examples: Object.fromEntries(codes.map((code) => [code, { value: exampleOf(code) }])),
      },
    },
  };
}
