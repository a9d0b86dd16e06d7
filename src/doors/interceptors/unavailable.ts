import { Code } from '@connectrpc/connect';
import { Overloaded } from '../../application/inbox.js';
import { StoreUnavailable } from '../../event-store/event-store.js';
import type { Interceptor } from '../../handlers/call.js';
import { Starting } from '../../handlers/deferred-handlers.js';
import { tryAgain } from '../../handlers/errors.js';
import { ReadModelUnavailable } from '../../read-model/read-model.js';

/** Answers UNAVAILABLE, to be tried again, when a part of the service is away or has too much to do. */
export const unavailable: Interceptor = (next) => async (request, call) => {
  try {
    return await next(request, call);
  } catch (error) {
    throw translated(error);
  }
};

function translated(error: unknown): unknown {
  if (error instanceof StoreUnavailable) return tryAgain(Code.Unavailable, 'the event store is away');
  if (error instanceof ReadModelUnavailable) return tryAgain(Code.Unavailable, 'the read model is away or lags behind');
  if (error instanceof Starting) return tryAgain(Code.Unavailable, error.message);
  if (error instanceof Overloaded) return tryAgain(Code.Unavailable, 'too many commands are waiting');
  return error;
}
