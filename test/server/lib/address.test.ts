import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { isPrivate, networkOf, plainAddress } from '../../../server/lib/address.js';

describe("a client's address", () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['192.0.2.7:51234', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:c000:207', '192.0.2.7'],
    ['0:0:0:0:0:ffff:192.0.2.7', '192.0.2.7'],
    ['[::ffff:192.0.2.7]:443', '192.0.2.7'],
    ['2001:DB8::1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:51234', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::192.0.2.7', '::192.0.2.7'],
    ['unknown', 'unknown'],
    ['', ''],
    ['999.0.2.7:1', '999.0.2.7:1'],
  ])('%s is %s', (text, plain) => {
    expect(plainAddress(text)).toBe(plain);
  });
});

describe('what is limited together', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['192.0.2.7:51234', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::1', '0:0:0:0'],
    ['2001:db8:0:1::1', '2001:db8:0:1'],
    ['2001:0db8:0000:0001:ffff:ffff:ffff:ffff', '2001:db8:0:1'],
    ['[2001:db8:0:1:a:b:c:d]:80', '2001:db8:0:1'],
    ['2001:db8:0:2::', '2001:db8:0:2'],
    ['1:2:3:4:5:6:7::', '1:2:3:4'],
    ['unknown', 'unknown'],
    ['<script>', 'unknown'],
  ])('%s counts as %s', (text, network) => {
    expect(networkOf(text)).toBe(network);
  });

  test('is an IPv6 client whatever it takes the last 64 bits to be, and no other', () => {
    const hex = fc.integer({ min: 0, max: 0xffff }).map((group) => group.toString(16));
    const half = fc.array(hex, { minLength: 4, maxLength: 4 }).map((all) => all.join(':'));
    fc.assert(
      fc.property(half, half, half, half, (mine, yours, one, other) => {
        fc.pre(mine !== '0:0:0:0');
        expect(networkOf(`${mine}:${one}`)).toBe(networkOf(`${mine}:${other}`));
        expect(networkOf(`${mine}:${one}`) === networkOf(`${yours}:${one}`)).toBe(mine === yours);
      }),
    );
  });
});

it.each([
  ['127.0.0.1', true],
  ['::ffff:10.1.2.3', true],
  ['172.31.255.255', true],
  ['172.32.0.0', false],
  ['192.168.0.1:4711', true],
  ['::1', true],
  ['fd00::1', true],
  ['fe80::1%eth0', true],
  ['203.0.113.1', false],
  ['2001:db8::1', false],
  ['unknown', false],
])("%s is of a network of one's own: %s", (address, expected) => {
  expect(isPrivate(address)).toBe(expected);
});
