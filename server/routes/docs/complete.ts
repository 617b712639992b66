import type { ErrorCode } from '../../lib/errors.js';
import { exampleOf } from './example.js';
import { REQUESTS, TEXTS } from './example-bodies.js';
import { codesOf, PROBLEM_SCHEMA, problemResponse } from './problems.js';
import type { Schema } from './schema.js';

interface Media {
  schema?: Schema;
  example?: unknown;
}

interface Operation {
  operationId?: string;
  security?: object[];
  parameters?: { in: string; name: string; schema: Schema }[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { description?: string; content?: Record<string, Media>; $ref?: string }>;
}

export interface Document {
  servers?: { url: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas?: object; responses?: object };
}

/** What stands where a route says nothing of an answer. */
const UNSAID = 'Default Response';
const MEANINGS: Record<string, string> = { 200: 'As asked', 201: 'Made', 204: 'Done', 304: 'Not modified' };
const CSV = 'By `format=csv` or `Accept: text/csv`: a first line of names, then a line each';

/** `GET /v1/sites/{id}` → `getSitesById`: what generated clients may call it. */
function operationIdOf(method: string, path: string): string {
  const words = path
    .replace(/^\/v1\//, '/')
    .replace(/\{(\w+)\}/g, 'by-$1')
    .split(/[^a-z0-9]+/i)
    .filter((word) => word !== '');
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

/** What the outermost fields of an address belong to: `/v1/calls/start` → `calls`. */
const thingOf = (path: string): string => path.replace(/^\/v1\//, '/').split('/')[1] ?? '';

function describeBodies(name: string, path: string, operation: Operation): void {
  const body = operation.requestBody?.content ?? {};
  for (const [type, media] of Object.entries(body)) {
    const text = TEXTS[`${name} ${type}`];
    if (text !== undefined) body[type] = { schema: { type: 'string' }, example: text };
    else media.example = REQUESTS[name] ?? exampleOf(media.schema ?? {}, thingOf(path));
  }
}

function describeAnswers(name: string, path: string, operation: Operation): void {
  const hasFormat = operation.parameters?.some((one) => one.in === 'query' && one.name === 'format');
  for (const [status, response] of Object.entries(operation.responses)) {
    if (response.description === UNSAID) response.description = MEANINGS[status] ?? 'Done';
    const { content } = response;
    if (!content) continue;
    for (const [type, media] of Object.entries(content)) {
      media.example = TEXTS[`${name} ${type}`] ?? exampleOf(media.schema ?? {}, thingOf(path));
    }
    if (hasFormat) content['text/csv'] = { schema: { type: 'string', description: CSV } };
  }
}

/** Errors in one form, each set of codes once in the document. */
function describeErrors(operation: Operation, known: Record<string, object>): void {
  const { responses } = operation;
  const errors: Record<string, ErrorCode[]> = { 500: codesOf('500', undefined) };
  if (operation.requestBody) {
    errors[413] = codesOf('413', undefined);
    errors[415] = codesOf('415', undefined);
  }
  for (const [status, { content }] of Object.entries(responses)) {
    const [media] = Object.values(content ?? {});
    const codes = codesOf(status, media?.schema);
    if (codes.length > 0) errors[status] = codes;
  }
  for (const [status, codes] of Object.entries(errors)) {
    const component = codes.join('-or-');
    known[component] ??= problemResponse(codes);
    responses[status] = { $ref: `#/components/responses/${component}` };
  }
}

/** What the routes' schemas do not say: examples, errors, names of operations, where the service is. */
export function completeDocument(document: Document, publicUrl: string | null): Document {
  const responses: Record<string, object> = {};
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const name = `${method.toUpperCase()} ${path}`;
      operation.operationId = operationIdOf(method, path);
      operation.security ??= [];
      describeErrors(operation, responses);
      describeBodies(name, path, operation);
      describeAnswers(name, path, operation);
    }
  }
  return {
    ...document,
    servers: [{ url: publicUrl ?? '/' }],
    components: {
      ...document.components,
      schemas: { ...document.components.schemas, Problem: PROBLEM_SCHEMA },
      responses,
    },
  };
}
