import { createGrpcTransport } from '@connectrpc/connect-node';
import { createClientOver, FETCH_TRANSPORTS, type SchedulerClient, type SchedulerClientOptions } from './client.js';

export * from './public.js';

/**
 * A client of the service, for Node. Its connections do not keep the process running. Throws a `TypeError` when the
 * options are wrong.
 */
export function createSchedulerClient(options: SchedulerClientOptions): SchedulerClient {
  return createClientOver({ ...FETCH_TRANSPORTS, grpc: createGrpcTransport }, options);
}
