import { BlockList } from 'node:net';
import { describe, expect, it, test, vi } from 'vitest';
import {
  isAddressExcluded,
  isHostExcluded,
  isOriginAllowed,
} from '../../../../server/domain/visits/admit.js';
import { newSite } from '../../../support/settings-rows.js';

const site = (...allowed_origins: string[]) => ({
  ...newSite({ allowed_origins }),
  channel_version: 1,
  channels_derived: true,
  created_at: new Date(),
  retired_at: null,
});

describe('a page of an origin', () => {
  it.each([undefined, 'null', 'https://anything.example'])(
    '%s may use the key of a site that lists none',
    (origin) => {
      expect(isOriginAllowed(site(), origin)).toBe(true);
    },
  );

  it.each([
    ['https://shop.example', true],
    ['HTTPS://Shop.Example', true],
    ['http://shop.example', false],
    ['https://shop.example:8443', false],
    ['https://www.shop.example', false],
    ['https://shop.example.evil.example', false],
    ['https://evilshop.example', false],
    ['null', false],
    ['', false],
    [undefined, false],
  ])('%s may use the key of a site that lists https://shop.example: %s', (origin, expected) => {
    expect(isOriginAllowed(site('https://other.example', 'https://Shop.example'), origin)).toBe(expected);
  });

  it.each([
    ['https://www.shop.example', true],
    ['https://a.b.shop.example', true],
    ['https://shop.example', false],
    ['https://.shop.example', false],
    ['http://www.shop.example', false],
    ['https://www.shop.example:8443', false],
    ['https://evilshop.example', false],
    ['https://www.shop.example.evil.example', false],
    ['https://evil.example/.shop.example', false],
    ['https://evil.example?.shop.example', false],
    ['https://evil.example#.shop.example', false],
    ['https://user@.shop.example', false],
    ['https://evil.example\\.shop.example', false],
  ])('%s may use the key of a site that lists https://*.shop.example: %s', (origin, expected) => {
    expect(isOriginAllowed(site('https://*.shop.example'), origin)).toBe(expected);
  });

  it('may name a port where the list names it', () => {
    expect(isOriginAllowed(site('http://*.shop.example:8080'), 'http://a.shop.example:8080')).toBe(true);
    expect(isOriginAllowed(site('http://*.shop.example:8080'), 'http://a.shop.example')).toBe(false);
  });
});

describe('an address', () => {
  it.each<[string[], string, boolean]>([
    [[], '192.0.2.7', false],
    [['192.0.2.7'], '192.0.2.7', true],
    [['192.0.2.7'], '192.0.2.8', false],
    [['192.0.2.0/24'], '192.0.2.255', true],
    [['192.0.2.0/24'], '192.0.3.0', false],
    [['0.0.0.0/0'], '203.0.113.9', true],
    [['192.0.2.0/24'], '::ffff:192.0.2.7', true],
    [['2001:db8::/32'], '2001:db8:1::1', true],
    [['2001:db8::/32'], '2001:db9::1', false],
    [['2001:DB8::1'], '2001:db8:0:0:0:0:0:1', true],
    [['192.0.2.7', '2001:db8::/32'], '198.51.100.1', false],
    [['192.0.2.7'], 'unknown', false],
    [['192.0.2.7'], '', false],
    [['fe80::/10'], 'fe80::1%eth0', true],
    [['192.0.2.7'], 'fe80::1%eth0', false],
    [['fe80::1%eth0'], 'fe80::1', true],
  ])('excluded by %j: %s, %s', (excluded, address, expected) => {
    expect(isAddressExcluded(excluded, address)).toBe(expected);
  });
});

test('a list of excluded addresses is made once, not for every visit', () => {
  const added = vi.spyOn(BlockList.prototype, 'addAddress');
  const excluded = ['192.0.2.7'];
  for (let at = 0; at < 5; at += 1) expect(isAddressExcluded(excluded, '192.0.2.7')).toBe(true);
  expect(added).toHaveBeenCalledTimes(1);
  expect(isAddressExcluded([...excluded], '192.0.2.8')).toBe(false);
  expect(added).toHaveBeenCalledTimes(2);
  added.mockRestore();
});

describe('a host', () => {
  it.each<[string[], string, boolean]>([
    [[], 'shop.example', false],
    [['staging.shop.example'], 'staging.shop.example', true],
    [['Staging.Shop.example'], 'STAGING.shop.example', true],
    [['shop.example'], 'www.shop.example', false],
    [['*.shop.example'], 'www.shop.example', true],
    [['*.shop.example'], 'a.b.shop.example', true],
    [['*.shop.example'], 'shop.example', false],
    [['*.shop.example'], 'evilshop.example', false],
    [['localhost'], 'localhost', true],
    [['shop.example'], '', false],
  ])('excluded by %j: %s, %s', (excluded, host, expected) => {
    expect(isHostExcluded(excluded, host)).toBe(expected);
  });
});
