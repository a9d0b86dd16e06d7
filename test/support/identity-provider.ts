import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import Provider, { type JWK as ProviderKey } from 'oidc-provider';
import { onTestFinished } from 'vitest';

/** A real OpenID provider on loopback. */
export interface IdentityProvider {
  readonly issuer: string;
  readonly jwks: string;
  /** The access token that a client gets for the audience, by its own credentials. */
  token(audience: string): Promise<string>;
  /** From now on the provider signs with the first of these private keys, and publishes all of them. */
  use(...keys: readonly JWK[]): void;
}

const CLIENT = { client_id: 'billing', client_secret: 'a-secret-of-billing' };

/** A private key for the provider. */
export async function aProviderKey(kid: string, alg = 'RS256'): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), kid, alg, use: 'sig' };
}

/**
 * Starts a provider for one test, with a client that may get tokens for any audience.
 * @param claims what its tokens have besides the registered claims
 */
export async function startIdentityProvider(
  claims: Readonly<Record<string, unknown>>,
  ...keys: readonly JWK[]
): Promise<IdentityProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  function use(...keys: readonly JWK[]): void {
    server.removeAllListeners('request');
    server.on('request', createProvider(issuer, keys, claims).callback());
  }

  use(...keys);
  return { issuer, jwks: `${issuer}/jwks`, use, token: (audience) => tokenFor(audience, issuer) };
}

function createProvider(issuer: string, keys: readonly JWK[], claims: Readonly<Record<string, unknown>>): Provider {
  return new Provider(issuer, {
    jwks: { keys: keys as readonly ProviderKey[] as ProviderKey[] },
    clients: [{ ...CLIENT, grant_types: ['client_credentials'], redirect_uris: [], response_types: [] }],
    cookies: { keys: ['not used'] },
    extraTokenClaims: () => claims,
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, audience) => ({
          scope: '',
          audience,
          accessTokenTTL: 300,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: keys[0]!.alg as 'RS256', kid: keys[0]!.kid } },
        }),
      },
    },
  });
}

async function tokenFor(audience: string, issuer: string): Promise<string> {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'client_credentials', resource: audience }),
    headers: {
      authorization: `Basic ${btoa(`${CLIENT.client_id}:${CLIENT.client_secret}`)}`,
    },
  });
  const answer = (await response.json()) as { access_token?: string };
  if (!answer.access_token) throw new Error(`the provider gives no token: ${JSON.stringify(answer)}`);
  return answer.access_token;
}
