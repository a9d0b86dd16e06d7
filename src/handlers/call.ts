import type { DescMethodServerStreaming, DescMethodUnary, Message } from '@bufbuild/protobuf';
import type { ConnectError } from '@connectrpc/connect';

/** What a door knows about one request besides its message. */
export interface Call {
  readonly method: Endpoint['method'];
  readonly door: 'grpc' | 'rest' | 'connect' | 'grpc-web';
  /**
   * Names this call in logs, answers and event metadata: the caller's `x-correlation-id` when it is well-formed, else a
   * new UUID.
   */
  readonly correlationId: string;
  /** When the caller stops waiting, in epoch milliseconds by this process's clock. */
  readonly deadline?: number;
  /** Aborts when nobody waits for the answer any more; its reason is the error that ends the call. */
  readonly signal: AbortSignal;
  /** Aborts the signal. */
  readonly abort: (reason: ConnectError) => void;
  /** A request header (gRPC: metadata entry) by its lower-case name. */
  readonly header: (name: string) => string | undefined;
}

/**
 * Answers a call, or throws a `ConnectError`, the one error type that every door translates. Anything else that is
 * thrown is a defect.
 */
export type Invoke = (request: Message, call: Call) => Promise<Message>;

/**
 * Answers a call with any number of messages, in order, as the caller takes them. Ends, or throws as `Invoke` does;
 * messages before the error reach the caller. Stops when the call's signal aborts.
 */
export type Stream = (request: Message, call: Call) => AsyncIterable<Message>;

/** A unary method, ready to be served by any door. */
export interface UnaryEndpoint {
  readonly method: DescMethodUnary;
  readonly invoke: Invoke;
}

/** A server-streaming method, ready to be served by any door but REST. */
export interface StreamingEndpoint {
  readonly method: DescMethodServerStreaming;
  readonly stream: Stream;
}

/** A method with its handler and the frame around it: all that a door needs to serve the method. */
export type Endpoint = UnaryEndpoint | StreamingEndpoint;
