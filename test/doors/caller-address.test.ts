import { describe, expect, test } from 'vitest';
import { createCallerOf } from '../../src/doors/caller-address.js';

const PROXIES = ['10.0.0.0/8', '192.0.2.1', '2001:db8:aaaa::/48', 'fe80::/10', 'loopback'];

const callerOf = createCallerOf(PROXIES);
const behind = (peer: string, forwardedFor?: string) =>
  callerOf(peer, (name) => (name === 'x-forwarded-for' ? forwardedFor : undefined));

describe('without trusted proxies', () => {
  const direct = (peer: string | undefined, forwardedFor?: string) => createCallerOf([])(peer, () => forwardedFor);

  test.each([
    ['an address of IPv4 stands for itself', '192.0.2.7', '192.0.2.7'],
    ['an address of IPv4 in one of IPv6 counts as IPv4', '::ffff:192.0.2.7', '192.0.2.7'],
    ['so it does in hexadecimal digits', '::ffff:c000:207', '192.0.2.7'],
    ['so it does without a gap', '0:0:0:0:0:FFFF:192.0.2.7', '192.0.2.7'],
    ['an address of IPv6 stands for its 64 bits', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['so does one with a gap behind them', '2001:db8:1:2::6', '2001:db8:1:2'],
    ['so does one with a gap among them', '2001:db8::6', '2001:db8:0:0'],
    ['so does one with a gap before them', '::1', '0:0:0:0'],
    ['so does one with a gap at the end', '2001:db8:1::', '2001:db8:1:0'],
    ['so does one with a zone', 'fe80::1%eth0', 'fe80:0:0:0'],
    ['so does one in other letters, with zeros before', '2001:0DB8:0001:0002::', '2001:db8:1:2'],
    ['so does one that ends like IPv4', '64:ff9b::192.0.2.7', '64:ff9b:0:0'],
    ['a connection that is closed has none', undefined, ''],
  ])('%s', (_, address, caller) => {
    expect(direct(address)).toBe(caller);
  });

  test('the header says nothing', () => {
    expect(direct('127.0.0.1', '198.51.100.7')).toBe('127.0.0.1');
  });
});

describe('behind trusted proxies the caller is', () => {
  test.each([
    ['the address that the proxy was called from', '10.1.2.3', '198.51.100.7', '198.51.100.7'],
    ['the proxy, when it names nobody', '10.1.2.3', undefined, '10.1.2.3'],
    ['the proxy, when the header is empty', '10.1.2.3', '', '10.1.2.3'],
    ['found through several proxies', '10.1.2.3', '198.51.100.7, 192.0.2.1, 10.9.9.9', '198.51.100.7'],
    ['found without spaces too', '10.1.2.3', '198.51.100.7,192.0.2.1', '198.51.100.7'],
    ['found behind a proxy that is one address', '192.0.2.1', '198.51.100.7', '198.51.100.7'],
    ['found behind a proxy with an IPv6 address', '2001:db8:aaaa::1', '198.51.100.7', '198.51.100.7'],
    ['found behind a proxy whose address has a zone', 'fe80::1%eth0', '198.51.100.7', '198.51.100.7'],
    ['found behind a proxy on this machine', '::1', '198.51.100.7', '198.51.100.7'],
    ['found behind a proxy at a socket of both families', '::ffff:10.1.2.3', '198.51.100.7', '198.51.100.7'],
    ['found with a port', '10.1.2.3', '198.51.100.7:4711', '198.51.100.7'],
    ['found behind a proxy with IPv4 inside of IPv6', '10.1.2.3', '198.51.100.7, ::ffff:a09:909', '198.51.100.7'],
    ['one for 64 bits of IPv6', '10.1.2.3', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['one for 64 bits of IPv6, with a port', '10.1.2.3', '[2001:db8:1:2::6]:4711', '2001:db8:1:2'],
    ['the same for IPv4 inside of IPv6', '10.1.2.3', '::ffff:198.51.100.7', '198.51.100.7'],
    ['the outermost proxy, when all are trusted', '10.1.2.3', '10.7.7.7, 192.0.2.1', '10.7.7.7'],
  ])('%s', (_, peer, forwardedFor, caller) => {
    expect(behind(peer, forwardedFor)).toBe(caller);
  });
});

describe('a caller cannot be somebody else by', () => {
  test.each([
    ['a header of its own, without a proxy', '198.51.100.7', '203.0.113.9', '198.51.100.7'],
    ['an address before the one that the proxy adds', '10.1.2.3', '203.0.113.9, 198.51.100.7', '198.51.100.7'],
    ['the address of a proxy', '10.1.2.3', '203.0.113.9, 10.7.7.7, 198.51.100.7', '198.51.100.7'],
    ['an address of this machine', '10.1.2.3', '127.0.0.1, 198.51.100.7', '198.51.100.7'],
    ['text before the address that the proxy adds', '10.1.2.3', '"; drop, 198.51.100.7', '198.51.100.7'],
    ['text in place of an address', '10.1.2.3', '203.0.113.9, unknown, 192.0.2.1', '192.0.2.1'],
    ['an empty entry', '10.1.2.3', '203.0.113.9, , 192.0.2.1', '192.0.2.1'],
    ['a comma at the end', '10.1.2.3', '203.0.113.9,', '10.1.2.3'],
    ['a name', '10.1.2.3', 'example.com', '10.1.2.3'],
    ['too many parts', '10.1.2.3', '203.0.113.9.1', '10.1.2.3'],
    ['zeros before a number', '10.1.2.3', '203.0.113.009', '10.1.2.3'],
    ['IPv4 in brackets', '10.1.2.3', '[203.0.113.9]', '10.1.2.3'],
    ['IPv6 with a port and no brackets', '10.1.2.3', '2001:db8::1:2:3:4:5:6:4711', '10.1.2.3'],
    ['the form of another header', '10.1.2.3', 'for=203.0.113.9', '10.1.2.3'],
  ])('%s', (_, peer, forwardedFor, caller) => {
    expect(behind(peer, forwardedFor)).toBe(caller);
  });

  test('many entries, of which no more are read than those of proxies', () => {
    const entries = Array(5_000).fill('127.0.0.1').join(',');
    expect(behind('10.1.2.3', `${entries},198.51.100.7`)).toBe('198.51.100.7');
  });
});

test('a connection that is closed has no caller behind a proxy either', () => {
  expect(callerOf(undefined, () => '198.51.100.7')).toBe('');
});

test('which addresses are trusted is remembered for a bounded number of them, and stays right', () => {
  const decided = Array.from({ length: 3_000 }, (_, n) => behind('10.1.2.3', `203.0.${n >> 8}.${n & 255}`));
  expect(new Set(decided).size).toBe(3_000);
  expect(behind('10.1.2.3', '203.0.113.9, 198.51.100.7')).toBe('198.51.100.7');
});
