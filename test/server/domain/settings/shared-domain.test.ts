import { expect, test } from 'vitest';
import { sharedDomain } from '../../../../server/domain/settings/shared-domain.js';

test.each<[string[], string | null]>([
  [['https://shop.example', 'https://www.shop.example'], 'shop.example'],
  [['https://*.shop.example'], 'shop.example'],
  [['https://*.shop.co.uk', 'https://shop.co.uk'], 'shop.co.uk'],
  [['https://a.shop.example', 'https://b.c.shop.example:8443'], 'shop.example'],
  [['https://*.eu.shop.example'], 'shop.example'],
  [['https://*.shop.example', 'http://localhost:3000', 'http://127.0.0.1:3000'], 'shop.example'],
  [['https://*.shop.github.io'], 'shop.github.io'],
  // One host, whatever the scheme and port.
  [['https://shop.example'], null],
  [['https://shop.example', 'http://shop.example', 'https://shop.example:8443'], null],
  // Several domains: no cookie is for all.
  [['https://www.shop.example', 'https://www.other.example'], null],
  [['https://*.shop.example', 'https://myshop.example'], null],
  // What nobody has for himself.
  [['https://*.co.uk'], null],
  [['https://*.github.io'], null],
  [['https://a.github.io', 'https://b.github.io'], null],
  [['http://localhost:3000', 'http://127.0.0.1:3000'], null],
  [[], null],
])('pages at %j share %j', (origins, domain) => {
  expect(sharedDomain(origins)).toBe(domain);
});
