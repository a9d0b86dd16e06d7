import type { Message } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import type { Logger } from 'pino';
import { ReadModelUnavailable } from '../../application/read-model.js';
import { Overloaded } from '../../application/streams/inbox.js';
import { StoreUnavailable } from '../../event-store/event-store.js';
import { tryAgain } from '../../handlers/answer/errors.js';
import type { Call } from '../../handlers/call.js';
import type { CallFrame } from '../../handlers/endpoints.js';
import { hungUp } from '../incoming-call.js';

/**
 * The frame around every handler, the same at every door. In this order, a call gets
 *
 * 1. its line in the log, written when the call ends: ids and outcome, never content
 * 2. its end: the answer, an error, the deadline, or a caller that hangs up, whichever is first
 * 3. (access checks and rate limits will stand here)
 * 4. its handler
 *
 * An error that a part of the service is unavailable becomes UNAVAILABLE, to be tried again. Any other error that is
 * not a `ConnectError` is a defect: logged with its stack, and answered INTERNAL without details.
 *
 * A call ends at once when its signal aborts; a booking whose append is under way may still be made.
 * @param limitMs the service's own limit for a unary call, in milliseconds. A stream has only the caller's deadline
 */
export function createCallFrame(log: Logger, limitMs: number): CallFrame {
  return {
    unary: (invoke) => (request, call) =>
      new Promise((resolve, reject) => {
        const open = openCall(log, request, call, limitMs, reject);
        if (open.failure()) return;
        invoke(request, call).then((response) => {
          open.answered(response);
          resolve(response);
        }, open.failed);
      }),

    stream: (stream) =>
      async function* (request, call) {
        const messages = stream(request, call)[Symbol.asyncIterator]();
        let tellReader = (_error: ConnectError) => {};
        const open = openCall(log, request, call, Number.POSITIVE_INFINITY, (error) => {
          tellReader(error);
          // Nobody waits for the handler to stop: it may be slow to notice.
          messages
            .return?.()
            .catch((err) => log.error({ err, correlationId: call.correlationId }, 'a stream failed late'));
        });
        const nextMessage = () =>
          new Promise<IteratorResult<Message>>((resolve, reject) => {
            const failure = open.failure();
            if (failure) return reject(failure);
            tellReader = reject;
            messages.next().then(resolve, open.failed);
          });
        try {
          for (let next = await nextMessage(); !next.done; next = await nextMessage()) yield next.value;
          open.answered();
        } finally {
          // The door reads no further.
          if (!open.isOver()) call.abort(hungUp());
        }
      },
  };
}

// Node's timers reach this far: a later deadline counts as none.
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Begins a call, which ends once: when it is answered, when it fails, or when its signal aborts. Whatever happens later
 * changes nothing. The end is logged.
 * @param onFailed gets the error for the caller, once, perhaps before this function returns
 */
function openCall(log: Logger, request: Message, call: Call, limitMs: number, onFailed: (error: ConnectError) => void) {
  const began = performance.now();
  let isOver = false;
  let failure: ConnectError | undefined;

  const remaining = Math.min(limitMs, (call.deadline ?? Number.POSITIVE_INFINITY) - Date.now());
  const timeUp = () => call.abort(new ConnectError('the deadline passed before the answer', Code.DeadlineExceeded));
  const timer = remaining <= MAX_TIMER_MS ? setTimeout(timeUp, remaining) : undefined;
  const giveUp = () => failed(call.signal.reason);
  call.signal.addEventListener('abort', giveUp);

  function end(): boolean {
    if (isOver) return false;
    isOver = true;
    clearTimeout(timer);
    call.signal.removeEventListener('abort', giveUp);
    return true;
  }

  function failed(thrown: unknown): void {
    if (!end()) return;
    failure = forCaller(thrown);
    const details =
      failure.code === Code.Internal && failure !== thrown ? { err: thrown } : { why: failure.rawMessage };
    log[LEVELS[failure.code] ?? 'info']({ ...lineOf(began, call, request), ...details }, Code[failure.code]);
    onFailed(failure);
  }

  if (call.signal.aborted) giveUp();
  else if (remaining <= 0) timeUp();

  return {
    failure: () => failure,
    isOver: () => isOver,
    failed,
    answered(response?: Message): void {
      if (end() && log.isLevelEnabled('info')) log.info(lineOf(began, call, request, response), 'OK');
    },
  };
}

/** The error that the caller gets for what was thrown. */
function forCaller(thrown: unknown): ConnectError {
  if (thrown instanceof ConnectError) return thrown;
  if (thrown instanceof StoreUnavailable) return tryAgain(Code.Unavailable, 'the event store is unavailable');
  if (thrown instanceof ReadModelUnavailable)
    return tryAgain(Code.Unavailable, 'the read model is unavailable or lags behind');
  if (thrown instanceof Overloaded) return tryAgain(Code.Unavailable, 'too many commands are waiting');
  return new ConnectError('internal error', Code.Internal);
}

const LEVELS: Partial<Record<Code, 'warn' | 'error'>> = {
  [Code.Unavailable]: 'warn',
  [Code.DeadlineExceeded]: 'warn',
  [Code.Internal]: 'error',
};

function lineOf(began: number, call: Call, request: Message, response?: Message) {
  return {
    method: call.method.name,
    door: call.door,
    ms: Math.round((performance.now() - began) * 100) / 100,
    correlationId: call.correlationId,
    ...idsIn(request, response),
  };
}

/** The ids that requests and responses of this service carry, found by their field names. */
interface WithIds extends Message {
  readonly id?: string;
  readonly requestId?: string;
  readonly coachHashId?: string;
  readonly session?: { readonly id: string; readonly coachHashId: string };
}

function idsIn(request: WithIds, response?: WithIds) {
  return {
    session: response?.session?.id || request.id || undefined,
    coach: request.session?.coachHashId || request.coachHashId || undefined,
    requestId: request.requestId || undefined,
  };
}
