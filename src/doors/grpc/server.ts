import type { Http2Server } from 'node:http2';
import { type DescFile, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import {
  type handleBidiStreamingCall,
  logVerbosity,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  setLogVerbosity,
} from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { file_health_v1_health } from '../../gen/health/v1/health_pb.js';
import type { Endpoint } from '../../handlers/call.js';
import type { DoorLimits } from '../limits.js';
import { trackSockets } from '../open-sockets.js';
import { requestSizeOf } from '../request-size.js';
import type { LiveCertificates } from '../tls/live-certificates.js';
import { limitAge } from './connection-age.js';
import { definitionOf, grpcHandler } from './grpc-calls.js';
import { serveHealth } from './health.js';
import { limitStreams } from './incoming-streams.js';
import { allowLargerMessages } from './larger-messages.js';
import { refuseTimeouts } from './refused-timeouts.js';
import { createStandardStreams, type StandardStreams } from './standard-streams.js';
import { tlsCredentials } from './tls-credentials.js';

/** The gRPC door. */
export interface GrpcServer {
  /** Starts to listen. Answers the port, which the system chooses when 0 is asked for. Rejects when it is taken. */
  listen(host: string, port: number): Promise<number>;
  /** What the standard health service answers, for the server and for each service. `NOT_SERVING` at first. */
  setServing(serving: boolean): void;
  /** Ends the streams of the standard services, which would not end by themselves, with UNAVAILABLE. */
  endStreams(): void;
  /** Takes no more calls and waits for those under way; after the grace time cuts them off. */
  close(graceMs: number): Promise<void>;
}

/**
 * The most calls at once on one connection; a caller's further ones wait there. As at the gateway: HTTP/2 recommends to
 * take no fewer, and a caller who sends more than it may has its calls begin as others end, all in one packet.
 * https://www.rfc-editor.org/rfc/rfc9113#name-defined-settings
 */
const MAX_STREAMS = 100;

/** In milliseconds. A connection without calls is closed after the longest idle time. */
const LONGEST_IDLE = 15 * 60_000;

/** In milliseconds. A connection is closed at that age; its calls have the grace time to end. */
const LONGEST_AGE = 60 * 60_000;
const AGE_GRACE = 60_000;

/** The streams of the standard services. */
const STANDARD_STREAMS = /^\/(?:grpc\.reflection\.|grpc\.health\.v1\.Health\/Watch$)/;

/** What the gRPC door is made of. */
export interface GrpcParts {
  readonly endpoints: readonly Endpoint[];
  /** A larger request is answered RESOURCE_EXHAUSTED, unless a document makes it so. */
  readonly maxRequestBytes: number;
  readonly limits: DoorLimits;
  /** With them the door speaks TLS, without them plain text. */
  readonly certificates?: LiveCertificates;
  /** Whether the door tells by reflection what it serves. */
  readonly reflects: boolean;
}

/** Serves endpoints over gRPC, with the standard health service. */
export function createGrpcServer(parts: GrpcParts): GrpcServer {
  const { endpoints, maxRequestBytes, limits, certificates } = parts;
  // It writes to standard error what callers send, as it is.
  setLogVerbosity(logVerbosity.NONE);
  const larger = largerRequests(endpoints, maxRequestBytes);
  const server = new Server({
    interceptors: [allowLargerMessages(larger), refuseTimeouts],
    'grpc.max_receive_message_length': maxRequestBytes,
    // Nobody asks for its counts, which every call would pay for.
    'grpc.enable_channelz': 0,
    'grpc.max_concurrent_streams': MAX_STREAMS,
    'grpc.max_connection_idle_ms': LONGEST_IDLE,
    // A caller whose machine has vanished answers no ping; its calls are then cancelled.
    'grpc.keepalive_time_ms': limits.pingInterval,
    'grpc.keepalive_timeout_ms': limits.pingTimeout,
  });
  const ownStreams = new Set(endpoints.filter((one) => 'stream' in one).map(({ method }) => definitionOf(method).path));
  const isStream = (path: string) => ownStreams.has(path) || STANDARD_STREAMS.test(path);
  const services = new Set(endpoints.map(({ method }) => method.parent));

  for (const service of services) {
    const own = endpoints.filter(({ method }) => method.parent === service);
    server.addService(
      Object.fromEntries(own.map(({ method }) => [method.localName, definitionOf(method)])),
      Object.fromEntries(own.map((endpoint) => [endpoint.method.localName, grpcHandler(endpoint, parts)])),
    );
  }
  const streams = createStandardStreams(limits);
  const { setServing } = serveHealth(
    server,
    [...services].map(({ typeName }) => typeName),
    streams,
  );
  if (parts.reflects) {
    reflectionOf([...[...services].map(({ file }) => file), file_health_v1_health]).addToServer(paced(server, streams));
  }

  const credentials = certificates
    ? tlsCredentials(certificates, limits.requestTimeout)
    : ServerCredentials.createInsecure();
  const cutOffSockets: (() => void)[] = [];

  return {
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
        server.bindAsync(address, credentials, (error, bound) => {
          if (error) return reject(error);
          for (const http2Server of http2ServersOf(server)) {
            limitStreams(http2Server, limits, { usual: maxRequestBytes, larger }, isStream);
            cutOffSockets.push(trackSockets(http2Server));
            limitAge(http2Server, LONGEST_AGE, AGE_GRACE);
          }
          resolve(bound);
        });
      }),

    setServing,

    endStreams: streams.end,

    close: (graceMs) =>
      new Promise((resolve) => {
        const cutOff = setTimeout(() => {
          server.forceShutdown();
          for (const cutOffOthers of cutOffSockets) cutOffOthers();
        }, graceMs);
        server.tryShutdown(() => {
          clearTimeout(cutOff);
          resolve();
        });
      }),
  };
}

/** By path, the methods whose requests may be larger than others, and how large. */
function largerRequests(endpoints: readonly Endpoint[], maxRequestBytes: number): ReadonlyMap<string, number> {
  const all = endpoints.map(
    ({ method }) => [definitionOf(method).path, requestSizeOf(method, maxRequestBytes).largest] as const,
  );
  return new Map(all.filter(([, bytes]) => bytes > maxRequestBytes));
}

/** The servers of HTTP/2 behind a server that listens, which grpc-js does not show: one for each address. */
function http2ServersOf(server: Server): Iterable<Http2Server> {
  return (server as unknown as { readonly http2Servers: ReadonlyMap<Http2Server, unknown> }).http2Servers.keys();
}

/** The reflection service (v1 and v1alpha) over files and all that they import. */
function reflectionOf(files: Iterable<DescFile>): ReflectionService {
  const fileDescriptorProtos = [...withImports(files)].map((file) =>
    Buffer.from(toBinary(FileDescriptorProtoSchema, file.proto)),
  );
  // The library takes what the proto loader makes, of which it reads only the file descriptors.
  const loaded = { files: { fileDescriptorProtos } };
  return new ReflectionService(loaded as unknown as ConstructorParameters<typeof ReflectionService>[0]);
}

/**
 * The server, for a service whose handlers write answers without waiting for the caller to take them: no further request
 * is read meanwhile. An address may have so many streams open.
 */
function paced(server: Server, streams: StandardStreams): Server {
  const addService: Server['addService'] = (definition, handlers) => {
    const pacing = Object.entries(handlers).map(([name, handle]) => {
      const paced = (stream: ServerDuplexStream<unknown, unknown>) => {
        const write = stream.write.bind(stream) as (answer: unknown) => boolean;
        stream.write = (answer: unknown) => {
          const isTaken = write(answer);
          if (!isTaken) stream.pause().once('drain', () => stream.resume());
          return isTaken;
        };
        (handle as handleBidiStreamingCall<unknown, unknown>)(stream);
      };
      return [name, streams.limited(paced)];
    });
    server.addService(definition, Object.fromEntries(pacing));
  };
  return { addService } as Server;
}

function withImports(files: Iterable<DescFile>, seen = new Set<DescFile>()): Set<DescFile> {
  for (const file of files) {
    if (seen.has(file)) continue;
    seen.add(file);
    withImports(file.dependencies, seen);
  }
  return seen;
}
