import { expect, test } from 'vitest';
import { addressKind } from '../../src/outbound/address-kind.js';

const KINDS = {
  public: ['1.1.1.1', '93.184.216.34', '172.15.255.255', '172.32.0.1', '100.63.0.1', '100.128.0.1', '223.255.255.255'],
  private: [
    ...['127.0.0.1', '127.255.255.254', '10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.255'],
    ...['192.168.0.1', '100.64.0.1', '100.100.100.200', '100.127.255.255', '198.18.0.1', '198.19.255.255'],
  ],
  never: [
    ...['0.0.0.0', '0.1.2.3', '169.254.169.254', '169.254.0.1', '192.0.0.1', '192.0.0.192', '192.0.2.1'],
    ...['198.51.100.1', '203.0.113.1', '192.88.99.1', '224.0.0.1', '239.255.255.250', '240.0.0.1', '255.255.255.255'],
  ],
} as const;

const ALL = Object.entries(KINDS).flatMap(([kind, addresses]) => addresses.map((address) => [address, kind] as const));

const hex = (address: string) => {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
};

test.each(ALL)('%s is %s', (address, kind) => expect(addressKind(address)).toBe(kind));

test.each([
  ['mapped into IPv6', (one: string) => `::ffff:${one}`],
  ['mapped into IPv6, in hexadecimal', (one: string) => `::FFFF:${hex(one)}`],
  ['mapped into IPv6, all written out', (one: string) => `0:0:0:0:0:ffff:${hex(one)}`],
  ['behind NAT64', (one: string) => `64:ff9b::${one}`],
  ['in 6to4', (one: string) => `2002:${hex(one)}::1`],
])('an IPv4 address %s is what it is by itself', (_, within) => {
  expect(ALL.map(([address]) => [address, addressKind(within(address))])).toEqual(ALL);
});

test.each([
  ['2606:4700::1111', 'public'],
  ['2a00:1450:4001::1', 'public'],
  ['::1', 'private'],
  ['fc00::1', 'private'],
  ['fdff:ffff::1', 'private'],
  ['64:ff9b:1::a00:1', 'private'],
  ['64:ff9b:1::a9fe:a9fe', 'never'],
  ['64:ff9b:1:a9fe:a9:fe00::', 'never'],
  ['::', 'never'],
  ['fe80::1', 'never'],
  ['febf::1', 'never'],
  ['fec0::1', 'never'],
  ['fd00:ec2::254', 'never'],
  ['ff02::1', 'never'],
  ['2001:0:4136:e378:8000:63bf:3fff:fdd2', 'never'],
  ['2001:2::1', 'never'],
  ['2001:20::1', 'never'],
  ['2001:db8::1', 'never'],
  ['3fff::1', 'never'],
  ['4000::1', 'never'],
  ['100::1', 'never'],
  ['5f00::1', 'never'],
])('%s is %s', (address, kind) => expect(addressKind(address)).toBe(kind));

test.each(['', 'localhost', '127.1', 'fe80::1%eth0', '[::1]'])('%j is no address', (text) => {
  expect(() => addressKind(text)).toThrow('is not an IP address');
});
