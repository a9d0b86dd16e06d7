import type {
  DescMethod,
  DescMethodServerStreaming,
  DescMethodUnary,
  DescService,
  MessageInitShape,
  MessageShape,
} from '@bufbuild/protobuf';
import { Code } from '@connectrpc/connect';
import { type AccessRule, accessRuleOf } from './access/access-rules.js';
import { tryAgain } from './answer/errors.js';
import type { Call, Endpoint, Invoke, Stream, StreamingEndpoint, UnaryEndpoint } from './call.js';

/** Handles the calls of a unary method. */
export type Handler<Method extends DescMethodUnary> = (
  request: MessageShape<Method['input']>,
  call: Call,
) => Promise<MessageInitShape<Method['output']>>;

/** Handles the calls of a server-streaming method: an async generator. `call.cancellation` tells it to stop. */
export type StreamHandler<Method extends DescMethodServerStreaming> = (
  request: MessageShape<Method['input']>,
  call: Call,
) => AsyncIterable<MessageInitShape<Method['output']>>;

type HandlerOf<Method extends DescMethod> = Method extends DescMethodUnary
  ? Handler<Method>
  : Method extends DescMethodServerStreaming
    ? StreamHandler<Method>
    : never;

/** A handler for each method of a service. */
export type Handlers<Service extends DescService> = {
  readonly [Name in keyof Service['method']]: HandlerOf<Service['method'][Name]>;
};

/** What every call passes on its way from a door to its handler and back. */
export interface CallFrame {
  readonly unary: (invoke: Invoke, access: AccessRule) => UnaryEndpoint['invoke'];
  readonly stream: (stream: Stream, access: AccessRule) => StreamingEndpoint['stream'];
}

/** The endpoints of a service that may not have its handlers yet. */
export interface ServiceEndpoints<Service extends DescService> {
  /** One for each method, in the order of the proto. */
  readonly endpoints: readonly Endpoint[];
  /** From now on, calls are handled. Until then they are refused with UNAVAILABLE. */
  readonly handleWith: (handlers: Handlers<Service>) => void;
}

/**
 * Makes the endpoints of a service, each in the same frame. Throws for a method that streams its requests, and for one
 * that does not say who may call it.
 * @param waiting says what the service waits for while it has no handlers: `the service waits for the event store`
 */
export function endpointsOf<Service extends DescService>(
  service: Service,
  frame: CallFrame,
  waiting: () => string,
): ServiceEndpoints<Service> {
  let handlers: Readonly<Record<string, unknown>> | undefined;

  function unaryEndpoint(method: DescMethodUnary): UnaryEndpoint {
    const invoke: Invoke = (request, call) => {
      const handle = handlers?.[method.localName] as Handler<DescMethodUnary> | undefined;
      return handle ? handle(request, call) : Promise.reject(tryAgain(Code.Unavailable, waiting()));
    };
    return { method, invoke: frame.unary(invoke, accessRuleOf(method)) };
  }

  function streamingEndpoint(method: DescMethodServerStreaming): StreamingEndpoint {
    const stream: Stream = async function* (request, call) {
      const handle = handlers?.[method.localName] as StreamHandler<DescMethodServerStreaming> | undefined;
      if (!handle) throw tryAgain(Code.Unavailable, waiting());
      yield* handle(request, call);
    };
    return { method, stream: frame.stream(stream, accessRuleOf(method)) };
  }

  function endpointOf(method: DescMethod): Endpoint {
    if (method.methodKind === 'unary') return unaryEndpoint(method as DescMethodUnary);
    if (method.methodKind === 'server_streaming') return streamingEndpoint(method as DescMethodServerStreaming);
    throw new Error(`${method.name}: a method that streams its requests is not supported`);
  }

  return {
    endpoints: service.methods.map(endpointOf),
    handleWith: (given) => {
      handlers = given;
    },
  };
}
