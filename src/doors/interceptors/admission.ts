import { type Authenticator, unauthenticated } from '../../authentication/authenticator.js';
import { type Credential, whyOver } from '../../authentication/credential.js';
import { STRANGER } from '../../handlers/access/principal.js';
import type { IncomingCall } from '../../handlers/call.js';

/** Finds out who callers are. */
export interface Admission {
  /**
   * What the caller showed; undefined when callers need to show nothing. At once, unless the token is new. Throws or
   * rejects UNAUTHENTICATED or UNAVAILABLE.
   * @param byLink whether a caller without a token is let in as a stranger, who has to show the key of a link
   */
  identify(call: IncomingCall, byLink: boolean): Credential | undefined | Promise<Credential | undefined>;
  /** Counts a stranger whose key opens nothing, or who has none. Rejects RATE_LIMITED when it is one too many. */
  countFailure(call: IncomingCall): Promise<void>;
  /**
   * Lets a stream begin, and ends it when its credential is over. Answers the function to call at its end, once. Throws
   * when the caller may not begin another.
   */
  enter(call: IncomingCall, credential: Credential | undefined): () => void;
}

/** Milliseconds between two looks at the credentials of streams. */
const INTERVAL = 1_000;

/** What a caller without a token has: it does not end. */
const NO_TOKEN: Credential = { principal: STRANGER, expiresAt: Number.POSITIVE_INFINITY, isRevoked: false };

/** @param authenticator undefined: every caller may do everything */
export function createAdmission(authenticator?: Authenticator): Admission {
  const watched = new Set<{ readonly call: IncomingCall; readonly credential: Credential }>();
  let timer: NodeJS.Timeout | undefined;

  function endThoseThatAreOver(): void {
    for (const { credential, call } of watched) {
      const why = whyOver(credential, Date.now());
      if (why) call.cancellation.abort(unauthenticated(why));
    }
  }

  return {
    identify: (call, byLink) =>
      byLink && authenticator && call.authorization().length === 0 ? NO_TOKEN : authenticator?.authenticate(call),

    async countFailure() {},

    enter(call, credential) {
      if (!credential) return () => {};
      const entry = { call, credential };
      watched.add(entry);
      timer ??= setInterval(endThoseThatAreOver, INTERVAL).unref();
      return () => {
        watched.delete(entry);
        if (watched.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
  };
}
