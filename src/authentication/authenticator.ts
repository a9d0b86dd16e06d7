import { Code, ConnectError } from '@connectrpc/connect';
import { tryAgain } from '../handlers/answer/errors.js';
import type { IncomingCall } from '../handlers/call.js';
import { CannotVerify, type Credential, NotAccepted, type TokenVerifier, whyOver } from './credential.js';

/** Says who callers are. */
export interface Authenticator {
  /**
   * The credential of a call; at once for a token that was verified before. Throws or rejects UNAUTHENTICATED when the
   * call has none that is worth something, UNAVAILABLE when that cannot be said now.
   */
  authenticate(call: Pick<IncomingCall, 'authorization'>): Credential | Promise<Credential>;
  /** Follows files and URLs no more. */
  stop(): void;
}

/** Takes the token of `Authorization: Bearer`, and has it verified by the first verifier that takes tokens like it. */
export function createAuthenticator(verifiers: readonly TokenVerifier[]): Authenticator {
  return {
    authenticate({ authorization }) {
      try {
        const token = bearerToken(authorization());
        const verifier = verifiers.find((one) => one.takes(token));
        if (!verifier) throw new NotAccepted('the token is of no kind that is accepted here');
        const credential = verifier.verify(token);
        return 'then' in credential ? credential.then(stillWorth).catch(refuse) : stillWorth(credential);
      } catch (error) {
        return refuse(error);
      }
    },

    stop() {
      for (const verifier of verifiers) verifier.stop();
    },
  };
}

// https://www.rfc-editor.org/rfc/rfc6750#section-2.1
const BEARER = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i;

function bearerToken(given: readonly string[]): string {
  const [only] = given;
  if (only === undefined) throw new NotAccepted('a token is needed: Authorization: Bearer …');
  if (given.length > 1) throw new NotAccepted('there must be one header authorization');
  const [, token] = BEARER.exec(only) ?? [];
  if (token === undefined) throw new NotAccepted('authorization must be Bearer and a token');
  return token;
}

function stillWorth(credential: Credential): Credential {
  const why = whyOver(credential, Date.now());
  if (why) throw new NotAccepted(why);
  return credential;
}

function refuse(error: unknown): never {
  if (error instanceof NotAccepted) throw unauthenticated(error.message);
  if (error instanceof CannotVerify) throw tryAgain(Code.Unavailable, error.message);
  throw error;
}

/** UNAUTHENTICATED, with the scheme in which callers are to say who they are. */
export function unauthenticated(message: string): ConnectError {
  return new ConnectError(message, Code.Unauthenticated, { 'www-authenticate': 'Bearer' });
}
