import type { DescMethodUnary, Message } from '@bufbuild/protobuf';
import type { ConnectError } from '@connectrpc/connect';

/** What a door knows of one request besides its message. */
export interface Call {
  readonly method: DescMethodUnary;
  readonly door: 'grpc' | 'rest' | 'connect' | 'grpc-web';
  /**
   * Names this call in logs, answers and event metadata: the caller's `x-correlation-id` when it is well-formed, else a
   * new UUID.
   */
  readonly correlationId: string;
  /** When the caller stops waiting, in epoch milliseconds by this process's clock. */
  readonly deadline?: number;
  /** Aborted when nobody waits for the answer any more; its reason is the error that the call ends with. */
  readonly signal: AbortSignal;
  /** Aborts the signal. */
  readonly abort: (reason: ConnectError) => void;
  /** A request header (gRPC: metadata entry) by its lower-case name. */
  readonly header: (name: string) => string | undefined;
}

/**
 * Answers a call, or throws a `ConnectError`: the one error type that every door translates.
 * Anything else that is thrown is a defect; the outermost interceptor logs it and answers INTERNAL.
 */
export type Invoke = (request: Message, call: Call) => Promise<Message>;

/** Wraps what comes next in the chain. */
export type Interceptor = (next: Invoke) => Invoke;

/** A method with its chain of interceptors around its handler: all that a door needs to serve it. */
export interface Endpoint {
  readonly method: DescMethodUnary;
  readonly invoke: Invoke;
}
