import type { Principal } from '../handlers/access/principal.js';

/** A token that was verified, and is worth something for a time. */
export interface Credential {
  readonly principal: Principal;
  /** Epoch milliseconds: from then on it is worth nothing. */
  readonly expiresAt: number;
  /**
   * Whether it was taken back before: the token was revoked, or the key that signed it. Changes within 5 s, for a key that
   * is taken from a URL within 60 s.
   */
  readonly isRevoked: boolean;
}

/** Why a credential is worth nothing any more; undefined while it is worth something. @param now epoch milliseconds */
export function whyOver({ isRevoked, expiresAt }: Credential, now: number): string | undefined {
  if (isRevoked) return 'the token was revoked';
  return now >= expiresAt ? 'the token has expired' : undefined;
}

/** Verifies the tokens of one kind. */
export interface TokenVerifier {
  /** Whether a token is of this kind, by its form alone. */
  takes(token: string): boolean;
  /**
   * The credential that a token is; at once when it needs neither a file nor the network. Throws or rejects with
   * `NotAccepted` when it is none, with `CannotVerify` when that cannot be said now.
   */
  verify(token: string): Credential | Promise<Credential>;
  /** Follows its files and URLs no more. */
  stop(): void;
}

/** A token that is worth nothing; the message says why, without any part of the token: `the token has expired`. */
export class NotAccepted extends Error {
  override readonly name = 'NotAccepted';
}

/** What tokens are verified with is not there: the identity provider did not answer yet. */
export class CannotVerify extends Error {
  override readonly name = 'CannotVerify';
}
