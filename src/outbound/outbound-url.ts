import { isIP } from 'node:net';
import { type AddressKind, addressKind } from './address-kind.js';

/** The most characters of a URL. */
export const MAX_URL = 2_000;

/** Which URLs that others chose may be called. */
export interface OutboundRules {
  /** Whether http, and addresses of this machine and of private networks, are allowed. */
  readonly allowPrivate: boolean;
}

/**
 * Which rule a URL breaks, as a sentence about it, which does not tell the URL; undefined: none. What its host resolves
 * to is known when it is called only.
 * @param example a URL as it should be, for the sentence
 */
export function brokenUrl(
  text: string,
  { allowPrivate }: OutboundRules,
  example = 'https://example.com/hooks',
): string | undefined {
  if (text.length > MAX_URL) return `must be at most ${MAX_URL} characters`;
  const noUrl = `must be a URL, such as ${example}`;
  // What a URL parser takes out or mends silently, as it does `\` and `https:host`, others may read otherwise.
  if (!/^[!-~]*$/.test(text) || !URL.canParse(text)) return noUrl;
  const { protocol, hostname } = new URL(text);
  if (protocol !== 'https:' && !(allowPrivate && protocol === 'http:')) {
    return allowPrivate ? 'must be an https:// or http:// URL' : 'must be an https:// URL';
  }
  const [, authority] = /^https?:\/\/([^/?#\\]+)[^\\]*$/i.exec(text) ?? [];
  if (authority === undefined) return noUrl;
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

/** Why an address may not be called: `10.0.0.1, a private address`; undefined: it may. */
export function refusalOf(address: string, { allowPrivate }: OutboundRules): string | undefined {
  const kind: AddressKind = addressKind(address);
  if (kind === 'public' || (kind === 'private' && allowPrivate)) return undefined;
  return `${address}, ${kind === 'private' ? 'a private address' : 'an address that is link-local or reserved'}`;
}
