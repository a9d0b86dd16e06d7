import type { ServerInterceptingCall, ServerInterceptor } from '@grpc/grpc-js';

/** What grpc-js keeps of a call for itself: it has one limit for the requests of all methods. */
interface LimitedCall {
  maxReceiveMessageSize: number;
  readonly decoder: { maxReadMessageLength: number };
}

/**
 * Lets some methods have larger requests than the server's options allow.
 * @param larger the size of the largest request, by the path of its method
 */
export function allowLargerMessages(larger: ReadonlyMap<string, number>): ServerInterceptor {
  return ({ path }, call) => {
    const limit = larger.get(path);
    if (limit !== undefined) {
      const limited = call as unknown as LimitedCall;
      limited.maxReceiveMessageSize = limit;
      limited.decoder.maxReadMessageLength = limit;
    }
    // The call itself: another one around it would cost every call.
    return call as unknown as ServerInterceptingCall;
  };
}
