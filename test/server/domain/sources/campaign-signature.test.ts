import { expect, it } from 'vitest';
import { parseArrival } from '../../../../server/domain/sources/arrival.js';
import { campaignSignature } from '../../../../server/domain/sources/campaign-signature.js';

const of = (query: string, referrer = '') =>
  campaignSignature(parseArrival({ url: `https://shop.example/page?${query}`, referrer }));

it.each([
  ['no parameters', ''],
  ['other parameters', 'color=red'],
  ['empty ones', 'utm_source=&gclid='],
])('is null with %s, wherever they came from', (_, query) => {
  expect(of(query, 'https://www.google.com/')).toBeNull();
});

it.each([
  ['the order', 'utm_source=a&gclid=x', 'gclid=x&utm_source=a'],
  ['other parameters', 'gclid=x', 'gclid=x&color=red'],
  ['the case of names', 'gclid=x', 'GCLID=x'],
  ['the case of source and medium', 'utm_source=Google&utm_medium=CPC', 'utm_source=google&utm_medium=cpc'],
  ['an alias', 'utm_source=a', 'mtm_source=a'],
  ['the person behind a mail', 'mc_eid=one', 'mc_eid=two'],
])('is the same whatever %s', (_, one, other) => {
  expect(of(one)).toBe(of(other));
  expect(of(one)).toMatch(/^[\w-]{22}$/);
});

it.each([
  ['utm_source=a', 'utm_medium=a'],
  ['utm_campaign=a', 'utm_campaign=b'],
  ['gclid=x', 'gclid=X'],
  ['gclid=x', 'fbclid=x'],
  ['utm_source=a', 'utm_source=a&gclid=x'],
  ['mc_eid=one', 'mkt_tok=one'],
])('tells %s from %s', (one, other) => {
  expect(of(one)).not.toBe(of(other));
});
