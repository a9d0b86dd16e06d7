import { createHmac, randomBytes } from 'node:crypto';

/** The beginning of every secret, as Standard Webhooks has it. */
const PREFIX = 'whsec_';

/** The bytes of a new secret. */
const BYTES = 32;

/** A secret that signs deliveries: `whsec_` and base64. */
export function newSecret(): string {
  return PREFIX + randomBytes(BYTES).toString('base64');
}

/**
 * The headers that sign a body, as Standard Webhooks 1.0 has them.
 * @param id the same for each attempt to deliver the same
 * @param at when the attempt is made, in epoch milliseconds
 * @param secrets one signature is made with each
 */
export function signatureHeaders(id: string, at: number, body: string, secrets: readonly string[]) {
  const timestamp = String(Math.floor(at / 1_000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}
