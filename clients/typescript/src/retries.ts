import type { DescMethod } from '@bufbuild/protobuf';
import { durationMs, MethodOptions_IdempotencyLevel } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError, type Transport } from '@connectrpc/connect';
import { schedulerError } from './errors.js';
import { RetryInfoSchema } from './gen/google/rpc/error_details_pb.js';
import { withRequestId } from './request-id.js';

/** Milliseconds: the longest pause after the first failure, and the longest pause of all. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 2_000;

/**
 * A transport that sends a call again when that may help, until the call's time limit: commands with one `request_id`,
 * so that they take effect once. What must not take effect twice and has no `request_id` is sent once. Throws
 * `SchedulerError`. A stream is passed on as it is.
 * @param timeoutMs the time limit of a call that has none of its own, in milliseconds, for all attempts together
 */
export function withRetries(transport: Transport, timeoutMs: number): Transport {
  return {
    async unary(method, signal, ownTimeoutMs, header, init, contextValues) {
      const { message, requestId } = withRequestId(method.input, init);
      const remaining = startClock(ownTimeoutMs ?? timeoutMs);
      for (let attempts = 1; ; attempts++) {
        try {
          return await transport.unary(method, signal, remaining(), header, message, contextValues);
        } catch (reason) {
          const error = connectErrorOf(reason, signal);
          const pauseMs = isRepeatable(method, requestId) ? pauseAfter(error, attempts) : undefined;
          const again = pauseMs !== undefined && pauseMs < (remaining() ?? Number.POSITIVE_INFINITY);
          if (!again || !(await pause(pauseMs, signal))) throw schedulerError(error, { requestId, attempts });
        }
      }
    },
    stream: (...call) => transport.stream(...call),
  };
}

/** Whether a call that was sent before may be sent again, whatever came of it. */
function isRepeatable({ idempotency }: DescMethod, requestId: string | undefined): boolean {
  return requestId !== undefined || idempotency !== MethodOptions_IdempotencyLevel.IDEMPOTENCY_UNKNOWN;
}

/** Tells the milliseconds that remain, at least 1. Undefined without a limit: for 0 and less, as in Connect. */
function startClock(timeoutMs: number): () => number | undefined {
  if (timeoutMs <= 0) return () => undefined;
  const end = performance.now() + timeoutMs;
  return () => Math.max(1, Math.ceil(end - performance.now()));
}

/** The error of an attempt. A connection that was lost is UNAVAILABLE, whatever the transport calls it. */
export function connectErrorOf(reason: unknown, signal: AbortSignal | undefined): ConnectError {
  const error = ConnectError.from(reason);
  // `fetch` throws a TypeError. An HTTP/2 stream whose connection ends is CANCELED, as if the caller had hung up.
  const isLost =
    (error.code === Code.Unknown && error.cause instanceof TypeError) ||
    (error.code === Code.Canceled && !signal?.aborted);
  return isLost ? new ConnectError(error.rawMessage, Code.Unavailable, error.metadata, undefined, error.cause) : error;
}

/** How many milliseconds to wait before the next attempt, at random. Undefined when another attempt cannot help. */
export function pauseAfter(error: ConnectError, attempts: number): number | undefined {
  const [retryInfo] = error.findDetails(RetryInfoSchema);
  if (!retryInfo && !isLostConnection(error)) return undefined;
  const atLeast = retryInfo?.retryDelay ? durationMs(retryInfo.retryDelay) : 0;
  return atLeast + Math.random() * Math.min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE);
}

/** What transports and proxies answer for the service. The service's own ABORTED has details. */
function isLostConnection({ code, details }: ConnectError): boolean {
  return code === Code.Unavailable || (code === Code.Aborted && details.length === 0);
}

/** Whether the pause took its time: false as soon as the signal aborts. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (full: boolean) => () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      resolve(full);
    };
    const timer = setTimeout(finish(true), ms);
    const onAbort = finish(false);
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort);
  });
}
