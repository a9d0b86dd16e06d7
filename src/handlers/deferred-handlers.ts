import type { DescService } from '@bufbuild/protobuf';
import type { Handler, Handlers } from './endpoints.js';

/** The service has not started yet, and says what it waits for. The caller may try again. */
export class Starting extends Error {
  override readonly name = 'Starting';
}

/**
 * Handlers that can be served before there are any.
 * @param current those that answer now; throws `Starting` while there are none
 */
export function deferredHandlers<Service extends DescService>(
  service: Service,
  current: () => Handlers<Service>,
): Handlers<Service> {
  const entries = service.methods.map(({ localName }): [string, Handler<never>] => [
    localName,
    async (request, call) => (current()[localName as keyof Handlers<Service>] as Handler<never>)(request, call),
  ]);
  return Object.fromEntries(entries) as unknown as Handlers<Service>;
}
