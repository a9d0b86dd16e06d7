import { create, type Message } from '@bufbuild/protobuf';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, onTestFinished } from 'vitest';
import { createGateway, type GatewayParts } from '../../../src/doors/gateway/gateway.js';
import { doorLimits } from '../../../src/doors/limits.js';
import { AvailabilityService } from '../../../src/gen/aceup/scheduler/v1/availability_service_pb.js';
import { CalendarService } from '../../../src/gen/aceup/scheduler/v1/calendar_service_pb.js';
import { SessionService } from '../../../src/gen/aceup/scheduler/v1/session_service_pb.js';
import { WebhookService } from '../../../src/gen/aceup/scheduler/v1/webhook_service_pb.js';
import type { Endpoint, IncomingCall, Invoke } from '../../../src/handlers/call.js';
import { unframed } from '../../support/endpoints.js';

/** A gateway that listens, before endpoints that answer what a test says. */
export interface TestGateway {
  readonly url: string;
  /** What reached the endpoints. */
  readonly asked: { readonly request: Message; readonly call: IncomingCall }[];
  /** The lines of the log. */
  readonly logged: Record<string, unknown>[];
  /** What every endpoint answers. Empty messages at first. */
  answerWith(invoke: Invoke): void;
  close(): Promise<void>;
}

/** An answer with nothing in it. */
export const emptyAnswer: Invoke = async (_request, { method }) => create(method.output);

async function startGateway(parts: Partial<GatewayParts>): Promise<TestGateway> {
  let invoke = emptyAnswer;
  const asked: TestGateway['asked'] = [];
  const logged: TestGateway['logged'] = [];
  const methods = [SessionService, AvailabilityService, WebhookService, CalendarService].flatMap((service) =>
    Object.values(service.method),
  );
  const endpoints = parts.endpoints ?? methods.map((method) => unframed(method, (...args) => invoke(...args)));
  const app = await createGateway({
    log: pino({ base: null, timestamp: false }, { write: (line) => void logged.push(JSON.parse(line)) }),
    allowedHosts: [],
    corsOrigins: [],
    maxRequestBytes: 64 * 1024,
    limits: doorLimits(64 * 1024),
    readiness: async () => [],
    metrics: async () => [],
    zoneRules: '2026f',
    servesDocs: true,
    maySeeDetails: async () => true,
    draining: new AbortController().signal,
    shutdownGraceMs: 1_000,
    ...parts,
    endpoints: endpoints.map((endpoint): Endpoint => {
      if ('stream' in endpoint) return endpoint;
      return {
        method: endpoint.method,
        invoke: async (read, call) => {
          const request = read();
          asked.push({ request, call });
          return endpoint.invoke(() => request, call);
        },
      };
    }),
  });
  return {
    url: await app.listen({ host: '127.0.0.1', port: 0 }),
    asked,
    logged,
    answerWith: (other) => {
      invoke = other;
    },
    close: () => app.close(),
  };
}

/** A gateway for one test. */
export async function ownGateway(parts: Partial<GatewayParts> = {}): Promise<TestGateway> {
  const gateway = await startGateway(parts);
  onTestFinished(gateway.close);
  return gateway;
}

/** One gateway for all tests of a file, as new before each. */
export function sharedGateway(): TestGateway {
  let started: TestGateway;
  beforeAll(async () => {
    started = await startGateway({});
  });
  beforeEach(() => {
    started.answerWith(emptyAnswer);
    started.asked.length = 0;
    started.logged.length = 0;
  });
  afterAll(() => started.close());
  return {
    get url() {
      return started.url;
    },
    get asked() {
      return started.asked;
    },
    get logged() {
      return started.logged;
    },
    answerWith: (invoke) => started.answerWith(invoke),
    close: () => started.close(),
  };
}

/** Posts JSON, or a text as it is. */
export function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  });
}

/** The seed's request. */
export const seedRequest = {
  session: { coach_hash_id: '123', client_hash_id: '456', start: '2022-12-01T14:30:00Z', duration: 60 },
};

/** Something that a test waits for. */
export interface Latch {
  readonly opened: Promise<void>;
  open(): void;
}

/** A latch that is shut. */
export function latch(): Latch {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
