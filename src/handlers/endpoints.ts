import {
  create,
  type DescMethod,
  type DescMethodUnary,
  type DescService,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import type { Call, Endpoint, Interceptor, Invoke } from './call.js';

/** Handles the calls of one method. */
export type Handler<Method extends DescMethodUnary> = (
  request: MessageShape<Method['input']>,
  call: Call,
) => Promise<MessageInitShape<Method['output']>>;

/** A handler for each method of a service. All methods are unary. */
export type Handlers<Service extends DescService> = {
  readonly [Name in keyof Service['method']]: Handler<Extract<Service['method'][Name], DescMethodUnary>>;
};

/**
 * The endpoints of a service, each handler behind the same chain of interceptors.
 * @param interceptors the outermost first
 */
export function endpointsOf<Service extends DescService>(
  service: Service,
  handlers: Handlers<Service>,
  interceptors: readonly Interceptor[],
): Endpoint[] {
  return service.methods.map((described) => {
    const method = unary(described);
    const handler = handlers[method.localName as keyof typeof handlers] as Handler<DescMethodUnary>;
    const innermost: Invoke = async (request, call) => create(method.output, await handler(request, call));
    return { method, invoke: interceptors.reduceRight((next, interceptor) => interceptor(next), innermost) };
  });
}

function unary(method: DescMethod): DescMethodUnary {
  if (method.methodKind !== 'unary') throw new Error(`${method.name} is not unary`);
  return method as DescMethodUnary;
}
