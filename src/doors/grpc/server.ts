import { type DescFile, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation, protoPath as healthProtoPath } from 'grpc-health-check';
import type { Endpoint } from '../../handlers/call.js';
import { definitionOf, grpcHandler } from './grpc-calls.js';

/** The gRPC door. */
export interface GrpcServer {
  /** Starts to listen. Answers the port, which the system chooses when 0 is asked for. Rejects when it is taken. */
  listen(host: string, port: number): Promise<number>;
  /** What the standard health service answers, for the server and for each service. `NOT_SERVING` at first. */
  setServing(serving: boolean): void;
  /** Takes no more calls and waits for those under way; after the grace time cuts them off. */
  close(graceMs: number): Promise<void>;
}

/**
 * Serves endpoints over gRPC, with reflection and the standard health service.
 * @param maxMessageBytes a larger request is answered RESOURCE_EXHAUSTED
 */
export function createGrpcServer(endpoints: readonly Endpoint[], maxMessageBytes: number): GrpcServer {
  const server = new Server({
    'grpc.max_receive_message_length': maxMessageBytes,
    // Nobody asks for its counts, which every call would pay for.
    'grpc.enable_channelz': 0,
  });
  const services = new Set(endpoints.map(({ method }) => method.parent));

  for (const service of services) {
    const own = endpoints.filter(({ method }) => method.parent === service);
    server.addService(
      Object.fromEntries(own.map(({ method }) => [method.localName, definitionOf(method)])),
      Object.fromEntries(own.map((endpoint) => [endpoint.method.localName, grpcHandler(endpoint)])),
    );
  }
  const health = new HealthImplementation();
  health.addToServer(server);
  reflectionOf([...services].map(({ file }) => file)).addToServer(server);

  function setServing(serving: boolean): void {
    const names = ['', ...[...services].map(({ typeName }) => typeName)];
    for (const name of names) health.setStatus(name, serving ? 'SERVING' : 'NOT_SERVING');
  }
  setServing(false);

  return {
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
        server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) =>
          error ? reject(error) : resolve(bound),
        );
      }),

    setServing,

    close: (graceMs) =>
      new Promise((resolve) => {
        const cutOff = setTimeout(() => server.forceShutdown(), graceMs);
        server.tryShutdown(() => {
          clearTimeout(cutOff);
          resolve();
        });
      }),
  };
}

/** The reflection service (v1 and v1alpha) over files and all that they import, and over the health service. */
function reflectionOf(files: Iterable<DescFile>): ReflectionService {
  const fileDescriptorProtos = [...withImports(files)].map((file) =>
    Buffer.from(toBinary(FileDescriptorProtoSchema, file.proto)),
  );
  // The library takes what the proto loader makes, of which it reads only the file descriptors.
  const loaded = { ...loadSync(healthProtoPath), files: { fileDescriptorProtos } };
  return new ReflectionService(loaded as unknown as ConstructorParameters<typeof ReflectionService>[0]);
}

function withImports(files: Iterable<DescFile>, seen = new Set<DescFile>()): Set<DescFile> {
  for (const file of files) {
    if (seen.has(file)) continue;
    seen.add(file);
    withImports(file.dependencies, seen);
  }
  return seen;
}
