import { describe, expect, test } from 'vitest';
import {
  callConditions,
  digitsOf,
  formConditions,
  isAboutCalls,
  sessionConditions,
} from '../../../../../server/stores/postgres/reports/conditions.js';
import { parameters } from '../../../../../server/stores/postgres/reports/parameters.js';
import type { CallFilter } from '../../../../../server/stores/reports.js';

const period = { from: new Date('2026-10-01T00:00:00Z'), until: new Date('2026-10-02T00:00:00Z') };
const plain: CallFilter = { siteId: null, period, minConfidence: null, spam: 'with' };

function asked(conditions: typeof callConditions, given: Partial<CallFilter>) {
  const { add, values } = parameters();
  const found = conditions({ ...plain, ...given }, add);
  return [
    found
      .slice(given.siteId ? 3 : 2)
      .join(' and ')
      .replace(/\s+/g, ' '),
    ...values.slice(given.siteId ? 3 : 2),
  ];
}

test('every filter asks for the period', () => {
  const { add, values } = parameters();
  expect(callConditions(plain, add)).toEqual(['calls.started_at >= $1', 'calls.started_at < $2']);
  expect(values).toEqual([period.from, period.until]);
});

test('a site is asked for before the time', () => {
  const { add, values } = parameters();
  expect(sessionConditions({ ...plain, siteId: 's' }, add)).toEqual([
    'sessions.site_id = $1',
    'sessions.started_at >= $2',
    'sessions.started_at < $3',
  ]);
  expect(values[0]).toBe('s');
});

describe('of calls', () => {
  test.each<[Partial<CallFilter>, string, ...unknown[]]>([
    [{ spam: 'without' }, 'not calls.spam'],
    [{ spam: 'only' }, 'calls.spam'],
    [{ trackerIds: ['a', 'b'] }, 'calls.tracker_id = any($3::uuid[])', ['a', 'b']],
    [{ statuses: ['busy'] }, 'calls.status = any($3::text[])', ['busy']],
    [{ answered: false }, "(calls.status = 'answered') = $3", false],
    [{ firstCall: true }, 'calls.first_call = $3', true],
    [
      { leadStatuses: ['not_scored'] },
      "coalesce(calls.lead_status, 'not_scored') = any($3::text[])",
      ['not_scored'],
    ],
    [{ minDuration: 0, maxDuration: 9 }, 'calls.duration >= $3 and calls.duration <= $4', 0, 9],
    [{ tags: ['vip'] }, 'calls.tags && $3::text[]', ['vip']],
    [{ sources: ['google'] }, "coalesce(credited.source, '') = any($3::text[])", ['google']],
    [{ keywords: [''] }, "coalesce(credited.keyword, '') = any($3::text[])", ['']],
    [{ contents: ['ad 1'] }, "coalesce(credited.content, '') = any($3::text[])", ['ad 1']],
    [
      { landingPages: ['https://a.example/'] },
      "coalesce(credited.landing_page, '') = any($3::text[])",
      ['https://a.example/'],
    ],
    [
      {
        landingParams: [
          { name: 'a', values: ['1', '2'] },
          { name: 'b', values: null },
        ],
      },
      'exists ( select from sessions as landed where landed.id = calls.session_id and landed.site_id = calls.site_id and credit.given and landed.landing_params ->> $3::text = any($4::text[]) and landed.landing_params ? $5::text )',
      'a',
      ['1', '2'],
      'b',
    ],
    [{ channels: ['Email'] }, "coalesce(credited.channel, '') = any($3::text[])", ['Email']],
    [{ devices: ['mobile'] }, "coalesce(credited.device_type, '') = any($3::text[])", ['mobile']],
  ])('%j', (filter, text, ...values) => {
    expect(asked(callConditions, filter)).toEqual([text, ...values]);
  });

  test('a search escapes the wildcards of like', () => {
    const [text, ...values] = asked(callConditions, { q: '50%_\\' });
    expect(text).toContain('calls.note ilike $3');
    expect(values).toEqual(['%50\\%\\_\\\\%']);
  });

  test('a search for a number looks for its digits', () => {
    const [text, ...values] = asked(callConditions, { q: '(202) 555-01' });
    expect(text).toContain('calls.caller_number like $4');
    expect(values).toEqual(['%(202) 555-01%', '%20255501%']);
  });
});

test.each([
  ['+1 (202) 555-0101', '12025550101'],
  ['020 7946 0018', '2079460018'],
  ['0101', '101'],
  ['+44 (0)20 7946 0018', '442079460018'],
  ['12', null],
  ['000', null],
  ['A 2025550101', null],
  ['', null],
])('the digits of %j are %j', (text, digits) => {
  expect(digitsOf(text)).toBe(digits);
});

test.each<[Partial<CallFilter>, string, ...unknown[]]>([
  [{ keywords: ['boiler'] }, "coalesce(sessions.term, '') = any($3::text[])", ['boiler']],
  [{ channels: ['Email'] }, "coalesce(sessions.channel, '') = any($3::text[])", ['Email']],
  [{ tags: ['vip'], answered: true, spam: 'without' }, ''],
  [
    { landingParams: [{ name: 'a', values: ['1'] }], referrerDomains: [''] },
    "coalesce(sessions.referrer_domain, '') = any($3::text[]) and sessions.landing_params ->> $4::text = any($5::text[])",
    [''],
    'a',
    ['1'],
  ],
])('of sessions: %j', (filter, text, ...values) => {
  expect(asked(sessionConditions, filter)).toEqual([text, ...values]);
});

test('a form without a session is of an unknown source', () => {
  expect(asked(formConditions, { sources: ['(unknown)'] })).toEqual([
    "coalesce(coalesce(sessions.source, '(unknown)'), '') = any($3::text[])",
    ['(unknown)'],
  ]);
});

test.each<[Partial<CallFilter>, boolean]>([
  [{}, false],
  [{ spam: 'without', sources: ['google'], minConfidence: 0.9, siteId: 's' }, false],
  [{ spam: 'only' }, true],
  [{ answered: false }, true],
  [{ q: 'vip' }, true],
  [{ minDuration: 0 }, true],
])('%j is about calls alone: %j', (filter, expected) => {
  expect(isAboutCalls({ ...plain, ...filter })).toBe(expected);
});
