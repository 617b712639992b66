import { createConfig, lintFromString } from '@redocly/openapi-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { ERRORS, type ErrorCode } from '../../../server/lib/errors.js';
import { api, type Loose } from '../../support/api.js';
import type { TestServer } from '../../support/server-process.js';
import { sharedServer } from '../../support/shared-server.js';

let server: TestServer;
let document: Loose;
let operations: [name: string, operation: Loose][];
beforeAll(async () => {
  server = await sharedServer('postgres');
  document = (await api(server.url).get('/docs/json')).body;
  operations = Object.entries<Loose>(document.paths).flatMap(([path, methods]) =>
    Object.entries<Loose>(methods).map(
      ([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as [string, Loose],
    ),
  );
});

/** What the contract names. */
const NAMED = [
  ...['POST /v1/events', 'GET /dni/{file}', 'GET /healthz', 'GET /readyz', 'GET /metrics'],
  ...['POST /v1/calls/start', 'POST /v1/calls/end', 'POST /v1/calls/{id}/code'],
  ...['voice', 'status', 'dial'].map((name) => `POST /v1/providers/twilio/${name}`),
  ...['GET /v1/calls', 'GET /v1/calls/{id}', 'PATCH /v1/calls/{id}', 'GET /v1/sessions/{id}'],
  ...['GET /v1/calls/summary', 'GET /v1/calls/timeseries', 'POST /v1/calls/tags', 'GET /v1/calls/stream'],
  ...['sites', 'trackers', 'numbers', 'keys'].flatMap((name) => [
    `POST /v1/${name}`,
    `GET /v1/${name}`,
    `GET /v1/${name}/{id}`,
    `PATCH /v1/${name}/{id}`,
    `DELETE /v1/${name}/{id}`,
  ]),
  ...['GET /v1/leads', 'GET /v1/leads/{id}', 'PATCH /v1/leads/{id}'],
  ...['POST', 'GET', 'DELETE'].map((method) => `${method} /v1/costs`),
  ...['GET /v1/trackers/{id}/pool', 'GET /v1/sites/{id}/install'],
];

describe('the OpenAPI document', () => {
  test('is one of 3.1, with a title, a version and the way to send a key', () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    expect(document.info).toMatchObject({ title: expect.any(String), version: expect.any(String) });
    expect(Object.values(document.components.securitySchemes)).toEqual([{ type: 'http', scheme: 'bearer' }]);
  });

  test('has nothing that a linter finds fault with, examples included', async () => {
    const problems = await lintFromString({
      source: JSON.stringify(document),
      config: await createConfig({ extends: ['recommended'] }),
    });
    const told = problems.map(
      ({ ruleId, message, location: [at] }) => `${ruleId}: ${message} ${at?.pointer}`,
    );
    // These two have nothing that a client could do wrong.
    const harmless = ['healthz', 'readyz'].map(
      (name) =>
        `operation-4xx-response: Operation must have at least one \`4XX\` response. #/paths/~1${name}/get/responses`,
    );
    expect(told).toEqual(harmless);
  });

  test('gives an example of every body and of every answer in JSON', () => {
    for (const [name, operation] of operations) {
      const bodies = Object.values<Loose>(operation.requestBody?.content ?? {});
      const answers = Object.values<Loose>(operation.responses).map(
        (response) => response.content?.['application/json'],
      );
      for (const { example } of [...bodies, ...answers.filter(Boolean)]) {
        expect(example, name).toBeDefined();
        // A field of a new name: say what stands there in server/routes/docs/example-values.ts.
        expect(JSON.stringify(example), name).not.toMatch(/"\w+":\[?"text"/);
      }
    }
  });

  test('lists the errors of every operation, each with its codes and an example', () => {
    for (const [name, operation] of operations) {
      const statuses = Object.keys(operation.responses);
      expect(statuses, name).toContain('500');
      if (operation.security.length > 0)
        expect(statuses, name).toEqual(expect.arrayContaining(['400', '401', '403', '503']));
      if (operation.requestBody)
        expect(statuses, name).toEqual(expect.arrayContaining(['400', '413', '415']));
      if (operation.tags[0] === 'browser')
        expect(statuses, name).toEqual(expect.arrayContaining(['404', '429', '503']));
    }
    const codes = Object.values<Loose>(document.components.responses).flatMap(({ content }) =>
      Object.entries<Loose>(content['application/problem+json'].examples).map(([code, { value }]) => {
        expect(value).toMatchObject({ code, status: ERRORS[code as ErrorCode][0] });
        return code;
      }),
    );
    expect([...new Set(codes)].sort()).toEqual(Object.keys(ERRORS).sort());
  });

  test('has every address of the contract', () => {
    expect(operations.map(([name]) => name)).toEqual(expect.arrayContaining(NAMED));
  });

  test('says of every operation what it is for and what it answers', () => {
    for (const [name, operation] of operations) {
      expect(operation.summary, name).toEqual(expect.stringMatching(/\S/));
      expect(operation.tags?.length, name).toBe(1);
      expect(
        document.tags.map((tag: Loose) => tag.name),
        name,
      ).toContain(operation.tags[0]);
      const good = Object.entries<Loose>(operation.responses).filter(([status]) => /^2/.test(status));
      expect(good.length, name).toBeGreaterThan(0);
      for (const [status, response] of good) {
        if (status === '204') continue;
        const [schema] = Object.values<Loose>(response.content ?? {}).map((content) => content.schema);
        expect(schema, `${name} ${status}`).toBeTypeOf('object');
      }
    }
  });

  test('describes every parameter of a path and every body that is posted', () => {
    for (const [name, operation] of operations) {
      for (const [, parameter] of name.matchAll(/\{(\w+)\}/g)) {
        const found = (operation.parameters ?? []).find(
          (one: Loose) => one.in === 'path' && one.name === parameter,
        );
        expect(found, name).toMatchObject({ required: true });
      }
      if (/^(POST|PATCH)/.test(name) && !name.includes('/demo'))
        expect(operation.requestBody?.content, name).toBeTypeOf('object');
    }
  });

  test('refers to nothing that is not in it', () => {
    for (const [, reference] of JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)) {
      const found = (reference as string)
        .replace(/^#\//, '')
        .split('/')
        .reduce((node: Loose, part) => node?.[part], document);
      expect(found, reference).toBeDefined();
    }
  });
});

test('people read it at /docs', async () => {
  const page = await fetch(`${server.url}/docs`);
  expect(page.status).toBe(200);
  expect(page.headers.get('content-type')).toMatch(/^text\/html/);
  expect(await page.text()).toContain('swagger');
});
