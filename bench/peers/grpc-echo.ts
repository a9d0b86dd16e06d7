/** A limit: a grpc-js server that reads the request, books nothing and answers as if it had. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { timestampNow } from '@bufbuild/protobuf/wkt';
import { type handleUnaryCall, Server, ServerCredentials } from '@grpc/grpc-js';
import { v7 as uuidv7 } from 'uuid';
import {
  type ScheduleSessionRequest,
  ScheduleSessionRequestSchema,
  type ScheduleSessionResponse,
  ScheduleSessionResponseSchema,
  SessionService,
} from '../../src/gen/aceup/scheduler/v1/session_service_pb.js';

const { method } = SessionService;

const echo: handleUnaryCall<ScheduleSessionRequest, ScheduleSessionResponse> = ({ request }, callback) => {
  const now = timestampNow();
  const session = { ...request.session!, id: uuidv7(), createdAt: now, updatedAt: now };
  callback(null, create(ScheduleSessionResponseSchema, { session, consistencyToken: 'WyJwMTIzNDUiXQ' }));
};

// Killed by the signal, it would leave no profile.
process.once('SIGTERM', () => process.exit());

const server = new Server();
server.addService(
  {
    scheduleSession: {
      path: `/${SessionService.typeName}/${method.scheduleSession.name}`,
      requestStream: false,
      responseStream: false,
      requestSerialize: (message: ScheduleSessionRequest) =>
        Buffer.from(toBinary(ScheduleSessionRequestSchema, message)),
      requestDeserialize: (bytes: Buffer) => fromBinary(ScheduleSessionRequestSchema, bytes),
      responseSerialize: (message: ScheduleSessionResponse) =>
        Buffer.from(toBinary(ScheduleSessionResponseSchema, message)),
      responseDeserialize: (bytes: Buffer) => fromBinary(ScheduleSessionResponseSchema, bytes),
    },
  },
  { scheduleSession: echo },
);
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.error(`gRPC 127.0.0.1:${port} ready`);
});
