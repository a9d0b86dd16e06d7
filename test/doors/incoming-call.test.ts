import { expect, test } from 'vitest';
import { callerOf } from '../../src/doors/incoming-call.js';

test.each([
  ['an address of IPv4 stands for itself', '192.0.2.7', '192.0.2.7'],
  ['an address of IPv4 in one of IPv6 stands for itself', '::ffff:192.0.2.7', '::ffff:192.0.2.7'],
  ['an address of IPv6 stands for its 64 bits', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['so does one with a gap behind them', '2001:db8:1:2::6', '2001:db8:1:2'],
  ['so does one with a gap among them', '2001:db8::6', '2001:db8:0:0'],
  ['so does one with a gap before them', '::1', '0:0:0:0'],
  ['so does one with a gap at the end', '2001:db8:1::', '2001:db8:1:0'],
  ['so does one with a zone', 'fe80::1%eth0', 'fe80:0:0:0'],
  ['a connection that is closed has none', undefined, ''],
])('%s', (_, address, caller) => {
  expect(callerOf(address)).toBe(caller);
});
