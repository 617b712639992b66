import { expect, test } from 'vitest';
import { eventSchema } from '../../../server/routes/event-schema.js';

const idsOf = (told: { cookies?: unknown; ids?: Record<string, string> }) =>
  eventSchema.parse({ type: 'view', site: 'one', page: { url: 'https://shop.example/' }, ...told }).ids;

test('cookies are ids by their names, and an id goes before', () => {
  expect(
    idsOf({ cookies: ['_ga=GA1.1.11.22', '_ym_uid=17=0', '_fbp= fb.1 '], ids: { ym: '5', _fbp: 'fb.2' } }),
  ).toEqual({ _ga: 'GA1.1.11.22', _ym_uid: '17=0', ym: '5', _fbp: 'fb.2' });
});

test('of two cookies with one name the first counts', () => {
  expect(idsOf({ cookies: ['_ga=near', '_ga=far'] })).toEqual({ _ga: 'near' });
});

test('what is no cookie is left out, and so is what comes after thirty', () => {
  const junk = [null, 7, '', '_ga', '=x', '_ga=', `_ga=${'x'.repeat(501)}`, `${'_'.repeat(65)}=1`, '_a=\0'];
  expect(idsOf({ cookies: [...junk, '_ym_uid=1'] })).toEqual({ _ym_uid: '1' });
  const many = Array.from({ length: 40 }, (_, i) => `_ga_${i}=${i}`);
  expect(Object.keys(idsOf({ cookies: many }))).toHaveLength(30);
});

test.each([undefined, null, false, 'x', {}, 7])('cookies that are %j are none', (cookies) => {
  expect(idsOf({ cookies })).toEqual({});
});
