import { Code, ConnectError } from '@connectrpc/connect';
import { ReadModelUnavailable } from '../../application/read-model.js';
import { Overloaded } from '../../application/streams/inbox.js';
import { StoreOutOfOrder, StoreUnavailable } from '../../event-store/event-store.js';
import { TooMuchWaits } from '../../fair-shares.js';
import { tryAgain, withReasonForLog } from '../../handlers/answer/errors.js';

const STORE = 'the event store is unavailable';

/**
 * The error that the caller gets for what was thrown. An error that a part of the service is unavailable becomes
 * UNAVAILABLE, to be tried again. Any other error that is not a `ConnectError` is a defect: the caller gets INTERNAL
 * without details, the log the stack.
 */
export function forCaller(thrown: unknown): ConnectError {
  if (thrown instanceof ConnectError) return thrown;
  if (thrown instanceof StoreOutOfOrder) return unavailable(STORE, thrown);
  // Why, KurrentDB says in words of its own, which may name a client.
  if (thrown instanceof StoreUnavailable) return tryAgain(Code.Unavailable, STORE);
  if (thrown instanceof ReadModelUnavailable)
    return unavailable('the read model is unavailable or lags behind', thrown);
  if (thrown instanceof Overloaded) return tryAgain(Code.Unavailable, 'too many commands are waiting');
  if (thrown instanceof TooMuchWaits)
    return tryAgain(Code.ResourceExhausted, thrown.message || 'too many calls of this caller are waiting');
  return new ConnectError('internal error', Code.Internal);
}

/** The log has the reason as well. */
function unavailable(message: string, { message: reason }: Error): ConnectError {
  return withReasonForLog(tryAgain(Code.Unavailable, message), `${message}: ${reason}`);
}
