import { Code } from '@connectrpc/connect';
import { ReadModelUnavailable } from '../../application/read-model.js';
import { Overloaded } from '../../application/streams/inbox.js';
import { StoreUnavailable } from '../../event-store/event-store.js';
import { tryAgain } from '../../handlers/answer/errors.js';
import type { Interceptor } from '../../handlers/call.js';
import { Starting } from '../../handlers/deferred-handlers.js';

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
