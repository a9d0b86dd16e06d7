import { type DescMessage, fromBinary, type JsonValue } from '@bufbuild/protobuf';
import { createAsyncIterable } from '@connectrpc/connect/protocol';
import { invalidBody, messageFromJson, parseJson } from '../json/read-message.js';

/** What connect takes for a body. */
export type ConnectBody = JsonValue | AsyncIterable<Uint8Array>;

const CONTENT_TYPE = /^application\/(?:(grpc-web)\+?)?(json|proto)?\s*(?:;.*)?$/i;
const ENVELOPE_PREFIX_BYTES = 5;

/**
 * The body for connect, checked by the rules of this gateway: connect by itself ignores unknown fields in JSON, tells
 * of one mistake only, and calls malformed bytes an internal error. A body of no known type is left to connect, which
 * refuses it. Throws INVALID_ARGUMENT with all that is wrong.
 */
export function checkedBody(message: DescMessage, contentType: string, bytes: Uint8Array): ConnectBody {
  const [, grpcWeb, format = grpcWeb && 'proto'] = CONTENT_TYPE.exec(contentType) ?? [];
  if (!format) return createAsyncIterable([bytes]);
  const payload = grpcWeb ? payloadOf(bytes) : bytes;
  if (format.toLowerCase() === 'proto') {
    checkBinary(message, payload);
  } else {
    const json = parseJson(payload) as JsonValue;
    messageFromJson(message, json);
    if (!grpcWeb) return json;
  }
  return createAsyncIterable([bytes]);
}

/** A body that connect fails to read: it answers with the error, in the protocol of the request. */
export function failedBody(error: unknown): ConnectBody {
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) };
}

/** The message in its gRPC-Web envelope: a byte of flags, four of length, the message. */
function payloadOf(bytes: Uint8Array): Uint8Array {
  const payload = bytes.subarray(ENVELOPE_PREFIX_BYTES);
  const whole =
    bytes.length >= ENVELOPE_PREFIX_BYTES &&
    bytes[0] === 0 &&
    new DataView(bytes.buffer, bytes.byteOffset).getUint32(1) === payload.length;
  if (!whole) throw invalidBody('the body must be one message in an envelope of gRPC-Web, uncompressed');
  return payload;
}

function checkBinary(message: DescMessage, payload: Uint8Array): void {
  try {
    fromBinary(message, payload);
  } catch {
    throw invalidBody(`the bytes are no ${message.typeName}`);
  }
}
