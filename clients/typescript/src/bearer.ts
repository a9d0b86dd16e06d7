import type { Interceptor } from '@connectrpc/connect';

/** A token, or what gets one, such as a function that asks an identity provider and remembers the answer for a while. */
export type TokenSource = string | (() => string | Promise<string>);

/** Sends the token with every attempt. A function is asked at each of them, so that a call never needs an old token. */
export function bearer(token: TokenSource): Interceptor {
  return (next) => async (call) => {
    call.header.set('authorization', `Bearer ${typeof token === 'function' ? await token() : token}`);
    return next(call);
  };
}
