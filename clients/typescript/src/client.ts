import { type Client, createClient, type Interceptor, type Transport } from '@connectrpc/connect';
import { createConnectTransport, createGrpcWebTransport } from '@connectrpc/connect-web';
import { bearer, type TokenSource } from './bearer.js';
import { AvailabilityService } from './gen/aceup/scheduler/v1/availability_service_pb.js';
import { CalendarService } from './gen/aceup/scheduler/v1/calendar_service_pb.js';
import { SessionService } from './gen/aceup/scheduler/v1/session_service_pb.js';
import { withRetries } from './retries.js';

/** How to reach the service. */
export interface SchedulerClientOptions {
  /** `http://localhost:3000` for Connect and gRPC-Web, `http://localhost:50051` for gRPC. */
  readonly baseUrl: string;
  /** The protocol; `connect` by default. Browsers cannot speak `grpc`. */
  readonly transport?: 'connect' | 'grpc' | 'grpc-web';
  /** Says who calls, to a service that authenticates its callers. */
  readonly token?: TokenSource;
  /** Milliseconds that a call may take with all of its attempts; 10,000 by default. A call may have its own. */
  readonly timeoutMs?: number;
  /** Run at every attempt, for example to add a header. */
  readonly interceptors?: readonly Interceptor[];
}

/** A method for each rpc of the three services. Each throws `SchedulerError`. */
export type SchedulerClient = Client<typeof SessionService> &
  Client<typeof AvailabilityService> &
  Client<typeof CalendarService>;

/** What a transport is made of. */
export interface TransportOptions {
  readonly baseUrl: string;
  readonly interceptors: Interceptor[];
}

/** Makes the transports of a platform. Throws a `TypeError` for those that it lacks. */
export type Transports = Record<
  Required<SchedulerClientOptions>['transport'],
  (options: TransportOptions) => Transport
>;

/** What `fetch` can do, in browsers and in Node. */
export const FETCH_TRANSPORTS = { connect: createConnectTransport, 'grpc-web': createGrpcWebTransport };

/** A client over one of the transports. Throws a `TypeError` when the options are wrong. */
export function createClientOver(
  transports: Transports,
  { baseUrl, transport = 'connect', token, timeoutMs = 10_000, interceptors = [] }: SchedulerClientOptions,
): SchedulerClient {
  // `fetch` would say so at the first call only, as if the service were unavailable.
  if (!/^https?:\/\//.test(baseUrl)) throw new TypeError(`baseUrl must begin with http:// or https://; got ${baseUrl}`);
  const own = token === undefined ? [] : [bearer(token)];
  const once = transports[transport]({ baseUrl, interceptors: [...own, ...interceptors] });
  const retried = withRetries(once, timeoutMs);
  return {
    ...createClient(SessionService, retried),
    ...createClient(AvailabilityService, retried),
    ...createClient(CalendarService, retried),
  };
}
