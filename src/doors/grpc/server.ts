import { fromBinary, type Message, toBinary } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import {
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import { invalidArgument } from '../../handlers/answer/errors.js';
import type { Call, Endpoint } from '../../handlers/call.js';
import { CORRELATION_ID_HEADER, correlationIdFrom } from '../correlation-id.js';
import { hungUp } from '../hung-up.js';
import { reflectionOf } from './reflection.js';
import { statusOf } from './status.js';

/** The gRPC door. */
export interface GrpcServer {
  /**
   * Starts to listen. Rejects when the address is taken. Answers the port, which the system chose when 0 was asked for.
   */
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
  const server = new Server({ 'grpc.max_receive_message_length': maxMessageBytes });
  const services = new Set(endpoints.map(({ method }) => method.parent));

  for (const service of services) {
    const own = endpoints.filter(({ method }) => method.parent === service);
    server.addService(
      Object.fromEntries(own.map(({ method }) => [method.localName, definitionOf(method)])) as ServiceDefinition,
      Object.fromEntries(own.map((endpoint) => [endpoint.method.localName, answerWith(endpoint)])),
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

// Requests are decoded by the handler: a decoder that throws would make the server answer INTERNAL for what is the
// caller's mistake.
function definitionOf(method: Endpoint['method']): ServiceDefinition[string] {
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    requestStream: false,
    responseStream: false,
    requestSerialize: (bytes: Buffer) => bytes,
    requestDeserialize: (bytes: Buffer) => bytes,
    responseSerialize: (message: Message) => Buffer.from(toBinary(method.output, message)),
    responseDeserialize: (bytes: Buffer) => bytes,
  };
}

function answerWith({ method, invoke }: Endpoint): handleUnaryCall<Buffer, Message> {
  return (grpcCall, callback) => {
    const call = callOf(method, grpcCall);
    const answer: typeof callback = (error, response) => {
      // grpc-js tells of it at the end of every call, also of one that was answered.
      grpcCall.removeAllListeners('cancelled');
      callback(error, response);
    };
    const answered = decode(method, grpcCall.request).then((request) => invoke(request, call));
    answered.then(
      (response) => answer(null, response),
      (error) => answer(statusOf(ConnectError.from(error, Code.Internal), call.correlationId)),
    );
  };
}

async function decode(method: Endpoint['method'], bytes: Buffer): Promise<Message> {
  try {
    return fromBinary(method.input, bytes);
  } catch {
    throw invalidArgument({ field: '', description: `the bytes are no ${method.input.typeName}` });
  }
}

function callOf(method: Endpoint['method'], grpcCall: ServerUnaryCall<Buffer, Message>): Call {
  const controller = new AbortController();
  grpcCall.on('cancelled', () => controller.abort(hungUp()));
  const header = (name: string) => grpcCall.metadata.get(name)[0]?.toString();
  return {
    method,
    door: 'grpc',
    correlationId: correlationIdFrom(header(CORRELATION_ID_HEADER)),
    deadline: Number(grpcCall.getDeadline()),
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    header,
  };
}
