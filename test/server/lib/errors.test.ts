import { describe, expect, it } from 'vitest';
import { ERRORS, type ErrorCode, Problem } from '../../../server/lib/errors.js';

describe('a problem', () => {
  it('says what is wrong as RFC 9457 has it', () => {
    const problem = new Problem('unknown_number', 'The number called is not one of ours.');
    expect(JSON.parse(JSON.stringify(problem))).toEqual({
      type: 'urn:dni:error:unknown_number',
      title: 'Not one of our numbers',
      status: 404,
      detail: 'The number called is not one of ours.',
      code: 'unknown_number',
    });
    expect(problem).toBeInstanceOf(Error);
    expect(problem.message).toBe('unknown_number: The number called is not one of ours.');
  });

  it('names the fields that were wrong, where there are any', () => {
    const errors = [{ path: 'page.url', message: 'is too long' }];
    expect(new Problem('invalid_request', 'No.', errors).toJSON()).toMatchObject({ status: 400, errors });
  });

  it.each<[number, ErrorCode[]]>([
    [400, ['invalid_request']],
    [401, ['unauthorized']],
    [403, ['forbidden', 'origin_not_allowed', 'bad_signature']],
    [404, ['not_found', 'unknown_site', 'unknown_number']],
    [409, ['conflict', 'number_in_use', 'call_mismatch']],
    [413, ['body_too_large']],
    [415, ['unsupported_media_type']],
    [429, ['rate_limited']],
    [503, ['unavailable', 'overloaded']],
  ])('is answered with %i: %j', (status, codes) => {
    for (const code of codes) expect(new Problem(code, '').status).toBe(status);
  });

  it('has a title whatever its code', () => {
    for (const [status, title] of Object.values(ERRORS)) {
      expect(status).toBeGreaterThanOrEqual(400);
      expect(title).not.toBe('');
    }
  });
});
