import { createClientOver, FETCH_TRANSPORTS, type SchedulerClient, type SchedulerClientOptions } from './client.js';

export * from './public.js';

/** A client of the service, for browsers. Throws a `TypeError` when the options are wrong. */
export function createSchedulerClient(options: SchedulerClientOptions): SchedulerClient {
  return createClientOver({ ...FETCH_TRANSPORTS, grpc: refuseGrpc }, options);
}

function refuseGrpc(): never {
  throw new TypeError("browsers cannot speak gRPC: use the transport 'connect' or 'grpc-web'");
}
