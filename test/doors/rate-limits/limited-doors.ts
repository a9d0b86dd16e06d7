import { createClient, type Transport } from '@connectrpc/connect';
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from '@connectrpc/connect-node';
import pino from 'pino';
import { onTestFinished } from 'vitest';
import type { Authenticator } from '../../../src/authentication/authenticator.js';
import { createGateway } from '../../../src/doors/gateway/gateway.js';
import { createGrpcServer } from '../../../src/doors/grpc/server.js';
import { createAdmission } from '../../../src/doors/interceptors/admission.js';
import { createCallFrame } from '../../../src/doors/interceptors/call-frame.js';
import { doorLimits } from '../../../src/doors/limits.js';
import { limitAdmission } from '../../../src/doors/rate-limits/limited-admission.js';
import { createRateLimits, type RateLimitSettings } from '../../../src/doors/rate-limits/rate-limits.js';
import type { SharedQuotas } from '../../../src/doors/rate-limits/shared-quotas.js';
import type { FairShares } from '../../../src/fair-shares.js';
import { SessionService } from '../../../src/gen/aceup/scheduler/v1/session_service_pb.js';
import { endpointsOf } from '../../../src/handlers/endpoints.js';
import { fabricatedStream } from '../gateway/fabricated-service.js';

const MAX_BYTES = 64 * 1024;

/** What the doors of a test know. */
interface Given {
  readonly proxies?: readonly string[];
  readonly authenticator?: Authenticator;
  readonly shared?: SharedQuotas;
  readonly requestBytes?: FairShares;
}

/** Both doors of a service that lists no sessions, books nothing, and watches for as long as its caller likes. */
export async function openLimitedDoors(
  settings: Partial<RateLimitSettings>,
  { proxies = [], authenticator, shared, requestBytes }: Given = {},
) {
  const log = pino({ level: 'silent' });
  const set = { RATE_LIMIT_FAILED_AUTH: 100, RATE_LIMIT_STREAMS: 100, ...settings };
  const admission = limitAdmission(createAdmission(authenticator), createRateLimits(set, shared));
  const frame = createCallFrame(log, admission, 10_000);
  const sessions = endpointsOf(SessionService, frame, () => 'not yet');
  sessions.handleWith({ listSessions: async () => ({}), scheduleSession: async () => ({}) } as never);
  const streams = endpointsOf(fabricatedStream(), frame, () => 'not yet');
  streams.handleWith({
    async *watch(_request: unknown, { cancellation: { signal } }: { cancellation: { signal: AbortSignal } }) {
      yield {};
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
  } as never);
  const endpoints = [...sessions.endpoints, ...streams.endpoints];
  const limits = { ...doorLimits(MAX_BYTES, proxies), ...(requestBytes && { requestBytes }) };
  const gateway = await createGateway({
    endpoints,
    log,
    limits,
    allowedHosts: [],
    corsOrigins: [],
    maxRequestBytes: MAX_BYTES,
    metrics: async () => [],
    readiness: async () => [],
    zoneRules: '2026f',
    servesDocs: true,
    maySeeDetails: async () => true,
    draining: new AbortController().signal,
    shutdownGraceMs: 100,
  });
  const grpc = createGrpcServer({ endpoints, maxRequestBytes: MAX_BYTES, limits, reflects: false });
  onTestFinished(async () => {
    await Promise.all([gateway.close(), grpc.close(100)]);
  });
  const httpUrl = await gateway.listen({ host: '127.0.0.1', port: 0 });
  return { httpUrl, grpcUrl: `http://127.0.0.1:${await grpc.listen('127.0.0.1', 0)}` };
}

/** Where the doors are. */
export type LimitedDoors = Awaited<ReturnType<typeof openLimitedDoors>>;

/** A way into the service that has connect's client. */
export const TRANSPORTS: readonly [name: string, open: (doors: LimitedDoors) => Transport][] = [
  ['Connect', ({ httpUrl }) => createConnectTransport({ baseUrl: httpUrl, httpVersion: '1.1' })],
  ['gRPC-Web', ({ httpUrl }) => createGrpcWebTransport({ baseUrl: httpUrl, httpVersion: '1.1' })],
  ['gRPC', ({ grpcUrl }) => createGrpcTransport({ baseUrl: grpcUrl })],
];

/** Lists sessions. */
export function listThrough(transport: Transport, headers: Readonly<Record<string, string>> = {}) {
  return createClient(SessionService, transport).listSessions({}, { headers });
}
