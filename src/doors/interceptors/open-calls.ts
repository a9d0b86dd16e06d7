import type { Message } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import type { Logger } from 'pino';
import type { Work } from '../../fair-shares.js';
import type { Answer, IncomingCall } from '../../handlers/call.js';
import { createTimeLimits, type TimeLimit } from '../../waiting.js';
import { createCallLog } from './call-log.js';
import { forCaller } from './for-caller.js';
import type { LoopWatch } from './loop-watch.js';

/** A call under way. It ends once: when it is answered, when it fails, or when it is cancelled. */
export interface OpenCall extends Work {
  readonly call: IncomingCall;
  /** The caller's address; once the caller is known, its verified name. */
  caller: string;
  /** The verified name of the caller; empty until it is known, and when callers are not authenticated. */
  subject: string;
  /** Whether it came without a token, where the key of a link may take its place. */
  isStranger: boolean;
  /** Undefined until it is decoded. */
  request: Message | undefined;
  cost: number;
  /** By `performance.now()`. */
  readonly began: number;
  /** Gets the error for the caller, once. */
  readonly onFailed: (error: ConnectError) => void;
  /** The service's own limit, or a timer for the caller's deadline when that is sooner. */
  limit: TimeLimit<OpenCall> | undefined;
  timer: NodeJS.Timeout | undefined;
  isOver: boolean;
  failure: ConnectError | undefined;
  begin: () => void;
}

/** Begins and ends calls. Once a call has ended, a further end changes nothing. A call that ends gets its log line. */
export interface OpenCalls {
  /**
   * Begins a call, which fails as soon as it is cancelled, or its time is up.
   * @param isLimited whether the service's own limit holds too. A stream has only the caller's deadline
   * @param onFailed gets the error for the caller, once, perhaps before this function returns
   */
  begin(call: IncomingCall, isLimited: boolean, onFailed: OpenCall['onFailed']): OpenCall;
  /**
   * Ends a call that was answered.
   * @param answer undefined for a stream
   */
  succeed(open: OpenCall, answer?: Answer): void;
  /** Ends a call that failed: `onFailed` gets what `forCaller` makes of the error. */
  fail(open: OpenCall, thrown: unknown): void;
}

// Node's timers reach this far: a later deadline counts as none.
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * @param limitMs the service's own limit for a call, in milliseconds
 * @param loop gets to know of each call
 */
export function createOpenCalls(log: Logger, limitMs: number, loop?: LoopWatch): OpenCalls {
  const callLog = createCallLog(log);
  const limits = createTimeLimits<OpenCall>(limitMs, timeUp);

  function begin(call: IncomingCall, isLimited: boolean, onFailed: OpenCall['onFailed']): OpenCall {
    const began = performance.now();
    loop?.note(call.method.name);
    const open: OpenCall = {
      call,
      subject: '',
      isStranger: false,
      request: undefined,
      caller: call.caller,
      cost: 1,
      began,
      onFailed,
      limit: undefined,
      timer: undefined,
      isOver: false,
      failure: undefined,
      begin: nothing,
      drop: nothing,
    };
    const { cancellation, deadline } = call;
    if (cancellation.aborted) {
      fail(open, cancellation.reason);
      return open;
    }
    cancellation.notify((reason) => fail(open, reason));
    const remaining = deadline === undefined ? Number.POSITIVE_INFINITY : deadline - Date.now();
    if (isLimited && remaining >= limitMs) open.limit = limits.begin(open);
    else if (remaining <= 0) timeUp(open);
    else if (remaining <= MAX_TIMER_MS) open.timer = setTimeout(timeUp, remaining, open);
    return open;
  }

  function end(open: OpenCall): boolean {
    if (open.isOver) return false;
    open.isOver = true;
    loop?.note(open.call.method.name);
    if (open.limit) limits.end(open.limit);
    clearTimeout(open.timer);
    open.call.cancellation.notify(undefined);
    return true;
  }

  function succeed(open: OpenCall, answer?: Answer): void {
    if (end(open)) callLog.answered(open, answer);
  }

  function fail(open: OpenCall, thrown: unknown): void {
    if (!end(open)) return;
    open.failure = forCaller(thrown);
    callLog.failed(open, open.failure, thrown);
    open.onFailed(open.failure);
  }

  return { begin, succeed, fail };
}

function timeUp({ call }: OpenCall): void {
  call.cancellation.abort(new ConnectError('the deadline passed before the answer', Code.DeadlineExceeded));
}

function nothing(): void {}
