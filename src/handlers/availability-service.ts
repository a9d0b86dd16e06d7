import { Code, ConnectError } from '@connectrpc/connect';
import { AvailabilityService } from '../gen/aceup/scheduler/v1/availability_service_pb.js';
import type { Handlers } from './endpoints.js';
import type { SessionServiceParts } from './session-service.js';

/** The handlers of all rpcs of the service. */
export function availabilityServiceHandlers(_given: SessionServiceParts): Handlers<typeof AvailabilityService> {
  const notYet = () => Promise.reject(new ConnectError('not yet', Code.Unimplemented));
  return Object.fromEntries(AvailabilityService.methods.map(({ localName }) => [localName, notYet])) as never;
}
