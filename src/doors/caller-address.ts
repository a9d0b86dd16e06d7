import { BlockList, isIP, isIPv6 } from 'node:net';
import { rangesIn } from '../address-ranges.js';

/** The header (gRPC: metadata key) to which every proxy on the way adds the address that it was called from. */
const FORWARDED_FOR = 'x-forwarded-for';

/**
 * Whom a connection or a call is counted for, by the address of the connection's other end and, behind trusted proxies,
 * by what they say in `X-Forwarded-For`. Somebody with an IPv6 address has all those that begin with the same 64 bits,
 * and counts once.
 * @param header a request header by its lower-case name; several lines of it joined by commas
 */
export type CallerOf = (peer: string | undefined, header: (name: string) => string | undefined) => string;

/**
 * The caller is the nearest address that is no trusted proxy: the right-most one in the header, where the proxies write,
 * and not the left-most, where the caller writes what it likes. A malformed entry ends the search: the address before it
 * counts.
 * @param proxies as of `rangesIn`. Without any, nothing is read
 */
export function createCallerOf(proxies: readonly string[]): CallerOf {
  if (proxies.length === 0) return networkOf;
  const isTrusted = trustIn(proxies);

  return (peer, header) => {
    let address = peer && addressIn(peer);
    if (!address) return '';
    let entries = header(FORWARDED_FOR) ?? '';
    while (entries !== '' && isTrusted(address)) {
      const comma = entries.lastIndexOf(',');
      const next = addressIn(entries.slice(comma + 1).trim());
      if (next === undefined) break;
      address = next;
      entries = entries.slice(0, Math.max(comma, 0));
    }
    return networkOf(address);
  };
}

/** The most addresses whose trust is remembered: proxies are few, and asking `BlockList` takes microseconds. */
const MAX_REMEMBERED = 1_000;

function trustIn(proxies: readonly string[]): (address: string) => boolean {
  const trusted = new BlockList();
  for (const { address, prefix, family } of proxies.flatMap((text) => rangesIn(text) ?? [])) {
    trusted.addSubnet(address, prefix, family);
  }
  const remembered = new Map<string, boolean>();
  return (address) => {
    const known = remembered.get(address);
    if (known !== undefined) return known;
    const isTrusted = trusted.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(address, isTrusted);
    return isTrusted;
  };
}

/** `192.0.2.7`, `192.0.2.7:4711` and `[2001:db8::1]:4711`: some proxies add the port. */
const WITH_PORT = /^(?:\[([^\]]*)\]|([\d.]+))(?::\d{1,5})?$/;

/** The address in an entry, without its port; undefined when it is malformed. */
function addressIn(entry: string): string | undefined {
  const [, inBrackets, before] = WITH_PORT.exec(entry) ?? [];
  const address = inBrackets ?? before ?? entry;
  const isAddress = inBrackets === undefined ? isIP(address) !== 0 : isIPv6(address);
  return isAddress ? address : undefined;
}

/** Whom an address stands for. IPv4 inside of IPv6 counts as IPv4. */
function networkOf(address: string | undefined): string {
  if (!address?.includes(':')) return address ?? '';
  return mappedIn(address) ?? groupsOf(address).slice(0, 4).join(':');
}

/** The IPv4 address inside of an IPv6 one, as a socket of both families gives it: `::ffff:192.0.2.7`. */
function mappedIn(address: string): string | undefined {
  const [, dotted] = /^::ffff:([\d.]+)$/i.exec(address) ?? [];
  if (dotted !== undefined || !/ffff/i.test(address)) return dotted;
  const groups = groupsOf(address);
  if (groups.slice(0, 6).join(':') !== '0:0:0:0:0:ffff') return undefined;
  return groups
    .slice(6)
    .flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff])
    .join('.');
}

/** The eight groups of an IPv6 address, each in its shortest form. */
function groupsOf(address: string): string[] {
  const [plain = ''] = address.split('%', 1);
  const hexadecimal = plain.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...bytes: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.slice(0, 4).map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [before = '', after] = hexadecimal.split('::');
  const first = before.split(':').filter(Boolean);
  const last = after?.split(':').filter(Boolean) ?? [];
  const gap = Array<string>(8 - first.length - last.length).fill('0');
  return [...first, ...gap, ...last].map((group) => Number.parseInt(group, 16).toString(16));
}
