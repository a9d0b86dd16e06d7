import type {
  DescMessage,
  DescMethodServerStreaming,
  DescMethodUnary,
  Message,
  MessageInitShape,
} from '@bufbuild/protobuf';
import type { Cancellation } from '../waiting.js';
import type { Principal } from './access/principal.js';
import type { Scope } from './access/scope.js';

/** What a door knows about one request besides its message. */
export interface IncomingCall {
  readonly method: Endpoint['method'];
  readonly door: 'grpc' | 'rest' | 'connect' | 'grpc-web';
  /** Whom the call is counted for where callers share something: the address or the network that it comes from. */
  readonly caller: string;
  /**
   * Names this call in logs, answers and event metadata: the caller's `x-correlation-id` when it is well-formed, else a
   * new UUID.
   */
  readonly correlationId: string;
  /** When the caller stops waiting, in epoch milliseconds by this process's clock; undefined: the caller did not say. */
  readonly deadline: number | undefined;
  /** Tells when nobody waits for the answer any more; its reason is the error that ends the call. */
  readonly cancellation: Cancellation;
  /**
   * The etags of which the command must find one, or `*` for any, when the message has none: REST takes a list in
   * `If-Match`.
   */
  readonly ifMatch?: readonly string[] | '*';
  /** A request header (gRPC: metadata entry) by its lower-case name. */
  readonly header: (name: string) => string | undefined;
  /** Every value of the header `authorization`: who sends two is no caller in good order. */
  readonly authorization: () => readonly string[];
}

/** A call that was let in. */
export interface Call extends IncomingCall {
  readonly principal: Principal;
  /** Whose data the call may touch. */
  readonly scope: Scope;
}

/**
 * The answer to a call: the fields of the method's output, as `create` of protobuf-es takes them. Fields that are absent
 * have their default values. The door makes its own form of it.
 */
export type Answer = MessageInitShape<DescMessage>;

/**
 * Answers a call, or rejects with a `ConnectError`, the one error type that every door translates. Any other error is a
 * defect.
 */
export type Invoke = (request: Message, call: Call) => Promise<Answer>;

/**
 * Answers a call with any number of messages, in order, as the caller takes them. Ends, or throws as `Invoke` rejects;
 * messages before the error reach the caller. Stops when the call is cancelled.
 */
export type Stream = (request: Message, call: Call) => AsyncIterable<Answer>;

/** Decodes the message of a request. Throws INVALID_ARGUMENT. Called once the caller is known: decoding is work. */
export type ReadMessage = () => Message;

/** A unary method, ready to be served by any door. */
export interface UnaryEndpoint {
  readonly method: DescMethodUnary;
  readonly invoke: (read: ReadMessage, call: IncomingCall) => Promise<Answer>;
}

/** A server-streaming method, ready to be served by any door but REST. */
export interface StreamingEndpoint {
  readonly method: DescMethodServerStreaming;
  readonly stream: (read: ReadMessage, call: IncomingCall) => AsyncIterable<Answer>;
}

/** A method with its handler and the frame around it: all that a door needs to serve the method. */
export type Endpoint = UnaryEndpoint | StreamingEndpoint;
