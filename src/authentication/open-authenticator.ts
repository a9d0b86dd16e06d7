import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import { type Authenticator, createAuthenticator } from './authenticator.js';
import type { TokenVerifier } from './credential.js';
import { createJwtVerifier, type JwtSettings } from './jwt/jwt-verifier.js';
import { createTokensVerifier } from './tokens/tokens-verifier.js';

/**
 * The authenticator that the settings ask for; undefined when they ask for none. Throws `Correctable` when what they name
 * cannot be used.
 */
export async function openAuthenticator(config: Config, log: Logger): Promise<Authenticator | undefined> {
  const verifiers: TokenVerifier[] = [];
  if (config.AUTH_TOKENS_FILE) verifiers.push(await createTokensVerifier(config.AUTH_TOKENS_FILE, log));
  const jwt = jwtSettingsOf(config);
  if (jwt) verifiers.push(await createJwtVerifier(jwt, log));
  return verifiers.length > 0 ? createAuthenticator(verifiers) : undefined;
}

function jwtSettingsOf(config: Config): JwtSettings | undefined {
  const { AUTH_JWKS: jwks, AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience } = config;
  // None is without the others.
  if (jwks === undefined || issuer === undefined || audience === undefined) return undefined;
  const { AUTH_ROLES_CLAIM: roles, AUTH_COACH_CLAIM: coach, AUTH_CLIENT_CLAIM: client } = config;
  return { jwks, issuer, audience, claims: { roles, coach, client } };
}
