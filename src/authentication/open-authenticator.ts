import type { Logger } from 'pino';
import type { Config } from '../config.js';
import { type Authenticator, createAuthenticator } from './authenticator.js';
import type { TokenVerifier } from './credential.js';
import { createTokensVerifier } from './tokens/tokens-verifier.js';

/**
 * The authenticator that the settings ask for; undefined when they ask for none. Throws `Correctable` when what they name
 * cannot be used.
 */
export async function openAuthenticator(config: Config, log: Logger): Promise<Authenticator | undefined> {
  const verifiers: TokenVerifier[] = [];
  if (config.AUTH_TOKENS_FILE) verifiers.push(await createTokensVerifier(config.AUTH_TOKENS_FILE, log));
  return verifiers.length > 0 ? createAuthenticator(verifiers) : undefined;
}
