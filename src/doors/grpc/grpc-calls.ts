import { create, toBinary } from '@bufbuild/protobuf';
import { anyPack } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError } from '@connectrpc/connect';
import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type StatusObject,
  type UntypedHandleCall,
} from '@grpc/grpc-js';
import { StatusSchema } from '../../gen/google/rpc/status_pb.js';
import { answerEncoders } from '../../gen/methods_binary.js';
import type { Answer, Endpoint, IncomingCall, StreamingEndpoint, UnaryEndpoint } from '../../handlers/call.js';
import { Cancellation, within } from '../../waiting.js';
import { bufferOf } from '../../wire/bytes.js';
import type { CallerOf } from '../caller-address.js';
import { CORRELATION_ID_HEADER, correlationIdFrom, hungUp, messageFromBytes } from '../incoming-call.js';
import type { DoorLimits } from '../limits.js';
import { type RequestSize, requestSizeOf, tooLarge } from '../request-size.js';
import { checkMetadata } from './incoming-streams.js';

/** What grpc-js has to know about a method. */
export function definitionOf({ name, parent, methodKind, output }: Endpoint['method']): ServiceDefinition[string] {
  return {
    path: `/${parent.typeName}/${name}`,
    requestStream: false,
    responseStream: methodKind === 'server_streaming',
    requestSerialize: (bytes: Buffer) => bytes,
    // The handler decodes: where a decoder throws, grpc-js answers INTERNAL, though the caller is at fault.
    requestDeserialize: (bytes: Buffer) => bytes,
    responseSerialize:
      answerEncoders.get(output) ?? ((answer: Answer) => bufferOf(toBinary(output, create(output, answer)))),
    responseDeserialize: (bytes: Buffer) => bytes,
  };
}

/** Handles the calls that come in for an endpoint. */
export function grpcHandler(
  endpoint: Endpoint,
  { limits: { callerOf }, maxRequestBytes }: GrpcHandlerParts,
): UntypedHandleCall {
  if ('stream' in endpoint) return streamingHandler(endpoint, callerOf);
  return unaryHandler(endpoint, callerOf, requestSizeOf(endpoint.method, maxRequestBytes));
}

/** What handling calls takes. */
interface GrpcHandlerParts {
  readonly limits: Pick<DoorLimits, 'callerOf'>;
  readonly maxRequestBytes: number;
}

function unaryHandler(
  { method, invoke }: UnaryEndpoint,
  callerOf: CallerOf,
  size: RequestSize,
): handleUnaryCall<Buffer, Answer> {
  const read = (request: Buffer, call: IncomingCall) => {
    checkMetadata(call);
    if (!size.fitsBinary(request)) throw tooLarge(size);
    return messageFromBytes(method.input, request);
  };
  return (grpcCall, callback) => {
    const call = callOf(method, grpcCall, callerOf);
    const answered = watchCaller(grpcCall, call);
    const answer: typeof callback = (error, response) => {
      answered();
      callback(error, response);
    };
    const fail = (error: unknown) => answer(statusOf(error, call.correlationId));
    invoke(() => read(grpcCall.request, call), call).then((response) => answer(null, response), fail);
  };
}

function streamingHandler(
  { method, stream }: StreamingEndpoint,
  callerOf: CallerOf,
): handleServerStreamingCall<Buffer, Answer> {
  return async (grpcCall) => {
    const call = callOf(method, grpcCall, callerOf);
    const answered = watchCaller(grpcCall, call);
    const { signal } = call.cancellation;
    try {
      const read = () => {
        checkMetadata(call);
        return messageFromBytes(method.input, grpcCall.request);
      };
      for await (const message of stream(read, call)) {
        // A slow caller makes the handler wait. One message at a time: at the deadline grpc-js ends the stream, and a
        // message that waits behind another would break it, so that the caller never hears of the end.
        await within(write(grpcCall, message), { signal });
      }
      answered();
      grpcCall.end();
    } catch (error) {
      answered();
      // grpc-js ends the stream with the status that this event carries.
      grpcCall.emit('error', statusOf(error, call.correlationId));
    }
  };
}

/** Resolves when the connection has taken the message. */
function write(grpcCall: ServerWritableStream<Buffer, Answer>, message: Answer): Promise<void> {
  return new Promise((resolve, reject) => {
    grpcCall.write(message, (error?: Error | null) => (error ? reject(error) : resolve()));
  });
}

type GrpcCall = ServerUnaryCall<Buffer, Answer> | ServerWritableStream<Buffer, Answer>;

function callOf(method: Endpoint['method'], grpcCall: GrpcCall, callerOf: CallerOf): IncomingCall {
  const header = headersOf(grpcCall);
  const correlationId = correlationIdFrom(header(CORRELATION_ID_HEADER));
  const caller = addressOf(grpcCall, callerOf);
  const cancellation = new Cancellation();
  return {
    method,
    door: 'grpc',
    caller,
    correlationId,
    deadline: Number(grpcCall.getDeadline()),
    cancellation,
    header,
    authorization: () => grpcCall.metadata.get('authorization').map(String),
  };
}

/** What calls of all kinds have. */
export interface AnyCall extends NodeJS.EventEmitter {
  readonly metadata: Metadata;
  getPeer(): string;
}

/** Finds the first value of a metadata entry by its lower-case name. */
export function headersOf({ metadata }: Pick<AnyCall, 'metadata'>): (name: string) => string | undefined {
  return (name) => metadata.get(name)[0]?.toString();
}

/** Whom a call is counted for. */
export function addressOf(grpcCall: AnyCall, callerOf: CallerOf): string {
  const peer = grpcCall.getPeer();
  return callerOf(peer.slice(0, peer.lastIndexOf(':')), headersOf(grpcCall));
}

/** Tells a call when its caller has gone. To be told when there is an answer. */
function watchCaller(grpcCall: GrpcCall, { cancellation }: IncomingCall): () => void {
  let hasAnswer = false;
  // grpc-js emits it at the end of every call, even of one that was answered: when the caller has taken the answer.
  grpcCall.once('cancelled', () => {
    if (!hasAnswer) cancellation.abort(hungUp());
    cancellation.close();
  });
  return () => {
    hasAnswer = true;
  };
}

/** The gRPC status of an error, with its details as google.rpc.Status in the trailers. */
export function statusOf(thrown: unknown, correlationId: string): StatusObject {
  const error = ConnectError.from(thrown, Code.Internal);
  const { code, rawMessage: details } = error;
  const metadata = new Metadata();
  for (const [name, value] of error.metadata) metadata.set(name, value);
  metadata.set(CORRELATION_ID_HEADER, correlationId);
  const packed = error.details.flatMap((detail) =>
    'desc' in detail ? [anyPack(detail.desc, create(detail.desc, detail.value))] : [],
  );
  if (packed.length > 0) {
    const status = create(StatusSchema, { code, message: details, details: packed });
    metadata.set('grpc-status-details-bin', Buffer.from(toBinary(StatusSchema, status)));
  }
  return { code: code as number, details, metadata };
}
