import { expect, test } from 'vitest';
import { countryNamed } from '../../../server/lib/country.js';

test.each([
  ['DE', 'DE'],
  [' us ', 'US'],
  ['XX', null],
  ['T1', null],
  ['', null],
  ['Germany', null],
  [undefined, null],
  [['DE', 'US'], null],
])('a proxy says %j: %s', (header, expected) => {
  expect(countryNamed(header)).toBe(expected);
});
