import { isIP } from 'node:net';
import { type AddressKind, addressKind } from './address-kind.js';

/** The most characters of a receiver's URL. */
export const MAX_URL = 2_000;

const NO_URL = 'must be a URL, such as https://example.com/hooks';

/** Which receivers may be posted to. */
export interface ReceiverRules {
  /** Whether http, and addresses of this machine and of private networks, are allowed. */
  readonly allowPrivate: boolean;
}

/**
 * Which rule a receiver's URL breaks, as a sentence about it; undefined: none. What its host resolves to is known when
 * it is called only.
 */
export function brokenUrl(text: string, { allowPrivate }: ReceiverRules): string | undefined {
  if (text.length > MAX_URL) return `must be at most ${MAX_URL} characters`;
  // What a URL parser takes out or mends silently, as it does `\` and `https:host`, others may read otherwise.
  if (!/^[!-~]*$/.test(text) || !URL.canParse(text)) return NO_URL;
  const { protocol, hostname } = new URL(text);
  if (protocol !== 'https:' && !(allowPrivate && protocol === 'http:')) {
    return allowPrivate ? 'must be an https:// or http:// URL' : 'must be an https:// URL';
  }
  const [, authority] = /^https?:\/\/([^/?#\\]+)[^\\]*$/i.exec(text) ?? [];
  if (authority === undefined) return NO_URL;
  if (authority.includes('@')) return 'must not contain a user or a password';
  if (text.includes('#')) return 'must not contain a fragment';
  const address = literalAddress(hostname);
  const refusal = address === undefined ? undefined : refusalOf(address, { allowPrivate });
  return refusal && `must not lead to ${refusal}`;
}

/** The IP address that a host of a URL is; undefined: it is a name. */
export function literalAddress(hostname: string): string | undefined {
  const address = hostname.replace(/^\[|\]$/g, '');
  return isIP(address) === 0 ? undefined : address;
}

/** Why an address may not be posted to: `10.0.0.1, a private address`; undefined: it may. */
export function refusalOf(address: string, { allowPrivate }: ReceiverRules): string | undefined {
  const kind: AddressKind = addressKind(address);
  if (kind === 'public' || (kind === 'private' && allowPrivate)) return undefined;
  return `${address}, ${kind === 'private' ? 'a private address' : 'an address that is link-local or reserved'}`;
}
