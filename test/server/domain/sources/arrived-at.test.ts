import { expect, test } from 'vitest';
import { arrivedAt } from '../../../../server/domain/sources/arrived-at.js';

const at = (url: string, referrer = '') => ({ url: `https://shop.example${url}`, referrer });
const HERE = 'https://shop.example/';
const AD = at('/?utm_source=news');

test.each([
  ['a page that nobody sent them to', at('/second')],
  ['the next page', at('/second', HERE)],
  ['a page behind another host of the site', at('/second', 'https://www.shop.example/')],
  ['a page behind a listed host', at('/second', 'https://checkout.example/')],
  ['the way back from a payment', at('/thanks', 'https://www.paypal.com/')],
  ['a parameter of the site’s own', at('/list?page=2&ref=top', HERE)],
  ['a page of which nothing can be read', { url: '', referrer: 'junk' }],
])('%s: they arrived before', (_what, page) => {
  expect(arrivedAt(page, AD, ['https://checkout.example'])).toBe(AD);
  expect(arrivedAt(page, undefined, [])).toBe(page);
});

test.each([
  ['a campaign', at('/second?utm_campaign=spring', HERE)],
  ['a click id', at('/second?gclid=Abc', HERE)],
  ['a mail tool’s person', at('/second?mc_eid=1a2b', HERE)],
  ['another site', at('/second', 'https://blog.example/post')],
  ['a search engine', at('/second', 'https://www.google.com/')],
])('%s brought them to this page', (_what, page) => {
  expect(arrivedAt(page, AD, [])).toBe(page);
});
