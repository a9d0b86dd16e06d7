import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { type OutboundRules, refusalOf } from './outbound-url.js';

/** Answers the addresses of a name, or an error. */
export type Resolve = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** A host leads to an address that must not be called. */
export class RefusedAddress extends Error {
  override readonly name = 'RefusedAddress';
}

/**
 * Looks names up for connections, and checks each address that is found: between a check beforehand and the connection,
 * a name may come to mean something else. One bad address among several refuses the name. Node asks no lookup for a host
 * that is an address itself.
 */
export function checkedLookup(rules: OutboundRules, resolve: Resolve = lookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const fail = (why: Error) => callback(why, '', 0);
      if (error) return fail(error);
      const [first] = addresses;
      if (!first) return fail(new Error(`${hostname} has no address`));
      for (const { address } of addresses) {
        // A scope stands for a link-local address.
        const refusal = address.includes('%') ? `${address}, which is link-local` : refusalOf(address, rules);
        if (refusal) return fail(new RefusedAddress(`${hostname} leads to ${refusal}: it is not called`));
      }
      if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}
