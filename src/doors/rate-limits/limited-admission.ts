import { Code, ConnectError } from '@connectrpc/connect';
import type { Credential } from '../../authentication/credential.js';
import type { IncomingCall } from '../../handlers/call.js';
import type { Admission } from '../interceptors/admission.js';
import type { RateLimits } from './rate-limits.js';

/**
 * Admission within limits. A call is counted once its caller is known. A call that fails to say who makes it is answered
 * RATE_LIMITED in place of UNAUTHENTICATED once its address has failed too often; failures are never counted against
 * callers who do say it. So is a call whose key opens nothing.
 */
export function limitAdmission(admission: Admission, { countCall, countFailure, openStream }: RateLimits): Admission {
  function refuse(error: unknown, { caller }: IncomingCall): never | Promise<never> {
    if (!(error instanceof ConnectError) || error.code !== Code.Unauthenticated) throw error;
    const counted = countFailure(caller);
    if (!counted) throw error;
    return counted.then(() => {
      throw error;
    });
  }

  function count<Found extends Credential | undefined>(call: IncomingCall, found: Found): Found | Promise<Found> {
    const counted = countCall?.(call, found?.principal.subject ?? '');
    return counted ? counted.then(() => found) : found;
  }

  return {
    identify(call, byLink) {
      let found: ReturnType<Admission['identify']>;
      try {
        found = admission.identify(call, byLink);
      } catch (error) {
        return refuse(error, call);
      }
      if (!found || !('then' in found)) return count(call, found);
      return found.then(
        (credential) => count(call, credential),
        (error) => refuse(error, call),
      );
    },

    async countFailure({ caller }) {
      await countFailure(caller);
    },

    enter(call, credential) {
      const close = openStream(credential?.principal.subject || call.caller);
      const leave = admission.enter(call, credential);
      return () => {
        leave();
        close();
      };
    },
  };
}
