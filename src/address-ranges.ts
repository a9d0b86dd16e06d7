import { isIP } from 'node:net';

/** A range of IP addresses, as an administrator writes it: `10.0.0.0/8`. */
export interface AddressRange {
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
  /** How many bits all its addresses begin with. */
  readonly prefix: number;
}

const LOOPBACK: readonly AddressRange[] = [
  { address: '127.0.0.0', family: 'ipv4', prefix: 8 },
  { address: '::1', family: 'ipv6', prefix: 128 },
];

/**
 * The ranges that a text names: one range (`10.0.0.0/8`), one address, or `loopback`. Undefined when it names none. IPv4
 * inside of IPv6 (`::ffff:10.0.0.1`) counts as none: it is written as IPv4. So do `0.0.0.0` and `::` alone: nobody has
 * them, and who writes them means everybody.
 */
export function rangesIn(text: string): readonly AddressRange[] | undefined {
  if (text === 'loopback') return LOOPBACK;
  const [, address = '', length] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  const longest = version === 4 ? 32 : 128;
  const prefix = length === undefined ? longest : Number(length);
  if (version === 0 || prefix > longest || /^::ffff:/i.test(address)) return undefined;
  if (prefix === longest && (address === '0.0.0.0' || address === '::')) return undefined;
  return [{ address, family: version === 4 ? 'ipv4' : 'ipv6', prefix }];
}

/** Whether a text names a range with all addresses in it: `0.0.0.0/0`. */
export function isEverywhere(text: string): boolean {
  return rangesIn(text)?.some(({ prefix }) => prefix === 0) ?? false;
}

/** Whether only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
