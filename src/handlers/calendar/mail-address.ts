import type { Broken } from '../request/fields.js';

/** As RFC 5321 has it. */
const MAX_LENGTH = 254;

/** The addresses that forms in browsers take: https://html.spec.whatwg.org/#valid-e-mail-address */
const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
const MAIL_ADDRESS = new RegExp(`^[A-Za-z0-9.!#$%&'*+/=?^_\`{|}~-]+@${LABEL}(?:\\.${LABEL})*$`);

/** A mail address; empty means none. */
export function optionalMailAddress(field: string, value: string): Broken {
  if (value === '' || (value.length <= MAX_LENGTH && MAIL_ADDRESS.test(value))) return undefined;
  return { field, description: `must be a mail address such as ann@example.com, of at most ${MAX_LENGTH} characters` };
}

/** The URI of a mail address that was checked, by RFC 6068. */
export function mailto(address: string): string {
  const [local = '', domain = ''] = address.split('@');
  // Readers know these two as they are. Nothing that is left could end a line or a parameter.
  return `mailto:${encodeURIComponent(local).replaceAll('%2B', '+').replaceAll('%24', '$')}@${domain}`;
}
