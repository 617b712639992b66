import fc from 'fast-check';
import type { Loose } from '../../support/api.js';

/** Texts that break things: controls, halves of surrogate pairs, markup, SQL, numbers, words, names of properties. */
const oddText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({
    unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
    maxLength: 40,
  }),
  fc.constantFrom(
    ...[
      '',
      ' ',
      '\u0000',
      '\ud800',
      '\udfff\ud800',
      '%00',
      '%FF',
      '%',
      '+',
      "';--",
      '<script>',
      '$(x)',
      '{{x}}',
    ],
    ...[
      '__proto__',
      'constructor',
      'null',
      'NaN',
      'Infinity',
      '-1',
      '1e309',
      '0x10',
      '٣',
      'anonymous',
      '\u202e',
      '{}',
      '\\',
    ],
  ),
  fc.integer({ min: 100, max: 20_000 }).map((length) => 'x'.repeat(length)),
);

const oddNumber = fc.oneof(
  fc.double(),
  fc.maxSafeInteger(),
  fc.constantFrom(0, -0, -1, 0.5, 1e308, 2 ** 31, 2 ** 63),
);

const oddTime = fc.oneof(
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.constantFrom(
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999Z',
    '2026-01-01T00:00:00+14:00',
    '2026-06-30T23:59:60Z',
  ),
);

/** Any JSON value, small. */
const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  oddText,
  oddNumber,
  oddTime,
  fc.constantFrom(null, true, false, [], {}),
  fc.uuid(),
  fc.array(fc.oneof(oddText, oddNumber), { maxLength: 5 }),
  fc.dictionary(oddText, fc.oneof(oddText, oddNumber), { maxKeys: 5 }),
  fc.jsonValue({ maxDepth: 4 }),
);

const oddUrl = fc.oneof(
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
  fc
    .dictionary(
      fc.oneof(
        fc.constantFrom('utm_source', 'utm_medium', 'utm_campaign', 'gclid', 'msclkid', '_ga'),
        oddText,
      ),
      oddText,
      { maxKeys: 6 },
    )
    .map(
      (query) =>
        `https://shop.example/?${Object.entries(query)
          .map((pair) => pair.join('='))
          .join('&')}`,
    ),
  oddText,
);

/** The value or, now and then, junk of any type in its place; `undefined`: left out. */
const mostly = (valid: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 40, arbitrary: valid },
    { weight: 1, arbitrary: oddValue },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );

const record = (fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Loose> =>
  fc
    .tuple(
      fc.record(Object.fromEntries(Object.entries(fields).map(([name, valid]) => [name, mostly(valid)]))),
      fc.oneof(
        { weight: 12, arbitrary: fc.constant({}) },
        { weight: 1, arbitrary: fc.dictionary(oddText, oddValue, { maxKeys: 3 }) },
      ),
    )
    .map(([known, more]) => ({ ...more, ...known }));

const texts = fc.oneof(fc.string(), oddText);
const name = oddText.map((text) => text.slice(0, 64));

/** Bodies of POST /v1/events: mutations of those that a page of the site would send. */
export const eventBody = (site: { key: string; target: string; numbers: string[] }, visitors: string[]) =>
  record({
    type: fc.constantFrom('view', 'view', 'view', 'renew', 'leave', 'tap', 'code', 'lead', 'withdraw'),
    site: fc.constant(site.key),
    visitor: fc.oneof(fc.constantFrom(...visitors), fc.uuid()),
    session: fc.uuid(),
    page: record({ id: fc.uuid(), url: oddUrl, referrer: oddUrl, title: texts }),
    landing: record({ url: oddUrl, referrer: oddUrl }),
    found: fc.array(
      fc.oneof(
        fc.constant(site.target),
        oddText.map((text) => text.slice(0, 32)),
      ),
      { maxLength: 4 },
    ),
    ids: fc.dictionary(name, texts, { maxKeys: 4 }),
    cookies: fc.array(
      texts.map((value) => `_ga=${value}`),
      { maxLength: 4 },
    ),
    swaps: fc.array(record({ places: fc.nat() }), { maxLength: 4 }),
    consent: fc.constantFrom('full', 'full', 'none'),
    storage: fc.boolean(),
    number: fc.constantFrom(...site.numbers),
    lead: record({
      name: texts,
      phone: texts,
      email: texts,
      fields: fc.dictionary(name, texts, { maxKeys: 4 }),
    }),
  });

/** Bodies of POST /v1/calls/start and /end: mutations of those that a provider would send. */
export const callBody = (numbers: string[]) =>
  record({
    call_id: fc.oneof(fc.constantFrom('one', 'two', 'three'), texts),
    to: fc.constantFrom(...numbers, ...numbers.map((number) => number.slice(1))),
    from: fc.oneof(fc.constantFrom('+12125550123', 'anonymous', ' 12125550124'), oddText),
    started_at: oddTime,
    ended_at: oddTime,
    provider: fc.constantFrom('api', 'api', 'other'),
    status: fc.constantFrom('answered', 'missed', 'busy', 'failed', 'voicemail'),
    duration: fc.oneof(fc.nat(100_000), fc.nat(1000).map(String)),
    talk_time: fc.nat(100_000),
    caller_name: texts,
    caller_city: texts,
    caller_state: texts,
    caller_country: texts,
    recording_url: oddUrl,
    keypad: texts,
  });

/** Not even JSON, mostly. */
export const rawBody = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.json({ maxDepth: 3 }).map((text) => new TextEncoder().encode(text)),
  fc.json().chain((text) => fc.nat(text.length).map((at) => new TextEncoder().encode(text.slice(0, at)))),
);
