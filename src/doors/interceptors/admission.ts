import { type Authenticator, unauthenticated } from '../../authentication/authenticator.js';
import { type Credential, whyOver } from '../../authentication/credential.js';
import type { IncomingCall } from '../../handlers/call.js';

/** Finds out who callers are. */
export interface Admission {
  /**
   * What the caller showed; undefined when callers need to show nothing. At once, unless the token is new. Throws or
   * rejects UNAUTHENTICATED or UNAVAILABLE.
   */
  identify(call: IncomingCall): Credential | undefined | Promise<Credential | undefined>;
  /**
   * Lets a stream begin, and ends it when its credential is over. Answers the function to call at its end, once. Throws
   * when the caller may not begin another.
   */
  enter(call: IncomingCall, credential: Credential | undefined): () => void;
}

/** Milliseconds between two looks at the credentials of streams. */
const INTERVAL = 1_000;

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
    identify: (call) => authenticator?.authenticate(call),

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
