import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { twilioSignature, verifyTwilio } from '../../../../server/providers/twilio/signature.js';

interface Vector {
  token: string;
  url: string;
  params: Record<string, string | string[]>;
  signature: string;
  body?: string;
  valid?: boolean;
}

const fixture = new URL('../../../fixtures/twilio-vectors.json', import.meta.url);
const { vectors } = JSON.parse(readFileSync(fixture, 'utf8')) as { vectors: Vector[] };

const URL_1 = 'https://calls.example/v1/providers/twilio/voice';
const FORM = { CallSid: 'CA1', From: '+12025550133', To: '+12025550131' };
const signed = (url = URL_1, params: Vector['params'] = FORM) => twilioSignature('secret', url, params);
const request = { tokens: ['secret'], signature: signed(), url: URL_1, params: FORM };

describe('the published vectors', () => {
  it('are all there', () => expect(vectors).toHaveLength(19));

  it.each(vectors.map((vector, index) => [index, vector.url, vector] as const))(
    '%i: %s',
    (_, _url, vector) => {
      const { token, url, params, signature, body } = vector;
      expect(verifyTwilio({ tokens: [token], signature, url, params, rawBody: body })).toBe(
        vector.valid ?? true,
      );
    },
  );
});

describe('a request is accepted', () => {
  it.each([
    ['as signed', request],
    ['by any of the tokens, while one is rotated', { ...request, tokens: ['old', 'secret'] }],
    [
      'with a parameter that nobody told us of',
      { ...request, params: { ...FORM, New: 'x' }, signature: signed(URL_1, { ...FORM, New: 'x' }) },
    ],
    [
      'signed with the standard port',
      { ...request, signature: signed('https://calls.example:443/v1/providers/twilio/voice') },
    ],
    ['with connection overrides in the fragment', { ...request, url: `${URL_1}#rc=2&rp=5xx` }],
    ['when an absent parameter is undefined', { ...request, params: { ...FORM, Gone: undefined } }],
    [
      'with a quote as the parser writes it',
      { ...request, url: `${URL_1}?a='`, signature: signed(`${URL_1}?a=%27`) },
    ],
    ['with a quote as it came', { ...request, url: `${URL_1}?a='`, signature: signed(`${URL_1}?a='`) }],
    [
      'with the query encoded the older way',
      { ...request, url: `${URL_1}?a=b+c`, signature: signed(`${URL_1}?a=b%20c`) },
    ],
    ['on an IPv6 host', { ...request, url: 'https://[::1]:8443/x', signature: signed('https://[::1]/x') }],
  ])('%s', (_, input) => {
    expect(verifyTwilio(input)).toBe(true);
  });

  it('with names sorted by code units', () => {
    const params = { a: '1', B: '2', Z: '3', CallerX: '4', Called: '5' };
    const byHand = twilioSignature('secret', `${URL_1}B2Called5CallerX4Z3a1`, {});
    expect(signed(URL_1, params)).toBe(byHand);
  });

  it('with repeated values sorted and counted once, in any order', () => {
    expect(signed(URL_1, { a: ['2', '1', '2'] })).toBe(signed(URL_1, { a: ['1', '2'] }));
  });
});

describe('a request is refused', () => {
  const json = `${URL_1}?bodySHA256=44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a`;
  it.each([
    ['without a token', { ...request, tokens: [] }],
    ['with an empty token', { ...request, tokens: [''], signature: twilioSignature('', URL_1, FORM) }],
    ['without a signature', { ...request, signature: undefined }],
    ['with an empty signature', { ...request, signature: '' }],
    ['with a longer signature', { ...request, signature: `${signed()}=` }],
    ['with a signature that is no ASCII', { ...request, signature: 'ä'.repeat(14) }],
    ['with another value', { ...request, params: { ...FORM, From: '+12025550134' } }],
    ['with one parameter more', { ...request, params: { ...FORM, Digits: '1' } }],
    ['with one parameter less', { ...request, params: { CallSid: 'CA1', From: '+12025550133' } }],
    ['on another path', { ...request, url: 'https://calls.example/v1/providers/twilio/status' }],
    ['on another host', { ...request, url: URL_1.replace('calls', 'other') }],
    ['on another scheme', { ...request, url: URL_1.replace('https', 'http') }],
    ['on what is no URL', { ...request, url: 'not a url' }],
    [
      'with a form that the hash in the URL does not cover',
      { ...request, url: json, signature: signed(json, {}) },
    ],
  ])('%s', (_, input) => {
    expect(verifyTwilio(input)).toBe(false);
  });
});

it('accepts what it signed and nothing else, whatever the values', () => {
  const params = fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.array(fc.string(), { minLength: 1 })));
  fc.assert(
    fc.property(
      fc.webUrl({ withQueryParameters: true }),
      params,
      fc.string({ minLength: 1 }),
      (url, form, token) => {
        const signature = twilioSignature(token, url, form);
        expect(verifyTwilio({ tokens: [token], signature, url, params: form })).toBe(true);
        expect(verifyTwilio({ tokens: [`${token}x`], signature, url, params: form })).toBe(false);
        expect(verifyTwilio({ tokens: [token], signature, url: `${url}x`, params: form })).toBe(false);
      },
    ),
  );
});

it('never throws', () => {
  const text = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(text, text, text, (signature, url, rawBody) => {
      expect(verifyTwilio({ tokens: ['t'], signature, url, params: {}, rawBody })).toBe(false);
    }),
  );
});
