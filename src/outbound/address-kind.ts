import { BlockList, isIP } from 'node:net';
import { rangesIn } from '../address-ranges.js';

/**
 * What an IP address is to somebody who calls an address that others chose: `public`, which everybody can reach;
 * `private`, which only this machine or its network can; `never` one to call, whatever the settings say: link-local,
 * where clouds keep the credentials of machines, multicast, reserved and such.
 */
export type AddressKind = 'public' | 'private' | 'never';

const PRIVATE = listOf(
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10', // shared with the provider (RFC 6598)
  '198.18.0.0/15', // benchmarks (RFC 2544)
  '::1',
  'fc00::/7', // unique local (RFC 4193)
);

const NEVER_IPV4 = listOf(
  '0.0.0.0/8',
  '169.254.0.0/16', // link-local
  '192.0.0.0/24', // protocol assignments (RFC 6890)
  '192.0.2.0/24', // documentation, as the next two
  '198.51.100.0/24',
  '203.0.113.0/24',
  '192.88.99.0/24', // relays of 6to4, given up (RFC 7526)
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and broadcast
);

/** Of IPv6, only this range is global unicast (RFC 4291). */
const GLOBAL_IPV6 = listOf('2000::/3');

const NEVER_IPV6 = listOf(
  '2001::/23', // Teredo, benchmarks, ORCHID and other protocol assignments (RFC 2928)
  '2001:db8::/32', // documentation, as the next
  '3fff::/20',
  'fd00:ec2::/32', // where a cloud keeps credentials, although unique local
);

/** The ranges whose addresses have an IPv4 address in them, and where: which byte it begins at. */
const EMBEDDED = [
  { range: listOf('::/96'), at: 12 }, // once IPv4-compatible; `::` and `::1` are in it too
  { range: mapped(), at: 12 },
  { range: listOf('64:ff9b::/96'), at: 12 }, // NAT64 (RFC 6052)
  { range: listOf('2002::/16'), at: 2 }, // 6to4 (RFC 3056)
] as const;

/** NAT64 of a network of one's own (RFC 8215): the network says where in it the IPv4 address is. */
const LOCAL_NAT64 = listOf('64:ff9b:1::/48');

/** What an address is. An IPv6 address with an IPv4 address in it is what that one is. Throws for a text that is none. */
export function addressKind(address: string): AddressKind {
  const version = isIP(address);
  if (version === 0 || address.includes('%')) throw new Error('is not an IP address');
  if (version === 4) {
    if (NEVER_IPV4.check(address)) return 'never';
    return PRIVATE.check(address) ? 'private' : 'public';
  }
  if (address !== '::' && PRIVATE.check(address, 'ipv6') && !NEVER_IPV6.check(address, 'ipv6')) return 'private';
  const bytes = bytesOf(address);
  const embedded = EMBEDDED.find(({ range }) => range.check(address, 'ipv6'));
  if (embedded) return addressKind(bytes.subarray(embedded.at, embedded.at + 4).join('.'));
  if (LOCAL_NAT64.check(address, 'ipv6')) return kindOfLocalNat64(bytes);
  return GLOBAL_IPV6.check(address, 'ipv6') && !NEVER_IPV6.check(address, 'ipv6') ? 'public' : 'never';
}

/** Private at best. RFC 6052 has the IPv4 address behind 48, 56, 64 or 96 bits, and leaves the ninth byte out. */
function kindOfLocalNat64(bytes: Uint8Array): AddressKind {
  const places = [
    [6, 7, 9, 10],
    [7, 9, 10, 11],
    [9, 10, 11, 12],
    [12, 13, 14, 15],
  ];
  const isLinkLocal = places.some(([first = 0, second = 0]) => bytes[first] === 169 && bytes[second] === 254);
  return isLinkLocal ? 'never' : 'private';
}

function listOf(...texts: string[]): BlockList {
  const list = new BlockList();
  for (const text of texts) {
    for (const { address, prefix, family } of rangesIn(text) ?? []) list.addSubnet(address, prefix, family);
  }
  return list;
}

/** `rangesIn` takes IPv4 inside of IPv6 for a mistake of the administrator. */
function mapped(): BlockList {
  const list = new BlockList();
  list.addSubnet('::ffff:0:0', 96, 'ipv6');
  return list;
}

/** The 16 bytes of an IPv6 address. */
function bytesOf(address: string): Uint8Array {
  // URLs write an address with groups of hexadecimal digits alone.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groups = (text = '') => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  const [first, last] = [groups(head), groups(tail)];
  const all = [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last];
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}
