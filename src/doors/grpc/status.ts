import { create, toBinary } from '@bufbuild/protobuf';
import { anyPack } from '@bufbuild/protobuf/wkt';
import type { ConnectError } from '@connectrpc/connect';
import { Metadata, type StatusObject } from '@grpc/grpc-js';
import { StatusSchema } from '../../gen/google/rpc/status_pb.js';
import { CORRELATION_ID_HEADER } from '../correlation-id.js';

/** The gRPC status of an error, with its details as google.rpc.Status in the trailers. */
export function statusOf(error: ConnectError, correlationId: string): StatusObject {
  const { code, rawMessage: details } = error;
  const metadata = new Metadata();
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
