import { expect } from 'vitest';
import type { Answer, Loose } from '../../support/api.js';

/** The answer is an RFC 9457 problem with this status and code, and carries the id that the log has. */
export function expectProblem(answer: Answer<Loose>, status: number, code: string): void {
  expect({ status: answer.status, code: answer.body?.code }, JSON.stringify(answer.body)).toEqual({
    status,
    code,
  });
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(answer.body).toMatchObject({
    type: expect.any(String),
    title: expect.any(String),
    status,
    detail: expect.any(String),
  });
}

/** A request that could not be valid, with the paths of the fields that were wrong. */
export function expectInvalid(answer: Answer<Loose>, ...paths: string[]): void {
  expectProblem(answer, 400, 'invalid_request');
  const named = (answer.body.errors ?? []).map((error: { path: string }) => error.path);
  for (const path of paths) expect(named).toContain(path);
}
