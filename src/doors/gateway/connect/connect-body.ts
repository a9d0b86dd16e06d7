import type { DescMessage } from '@bufbuild/protobuf';
import { messageFromBytes } from '../../incoming-call.js';
import { invalidBody, messageFromJson, parseJson } from '../json/read-message.js';

const ENVELOPED = /^application\/(?:grpc-web|connect)/i;
const JSON_FORMAT = /^application\/(?:[a-z-]+\+)?json/i;
const ENVELOPE_PREFIX_BYTES = 5;

/**
 * The body for connect, checked by the rules of this gateway: connect alone ignores unknown fields in JSON, reports one
 * mistake only, and calls malformed bytes an internal error. The check runs when connect reads the body, so that
 * connect answers a mistake in the protocol of the request: INVALID_ARGUMENT with everything that is wrong.
 * @param contentType one that connect supports, or the body will not be read
 * @param body its bytes, or the error to answer in their place
 */
export async function* checkedBody(
  message: DescMessage,
  contentType: string,
  body: Uint8Array | Error,
): AsyncGenerator<Uint8Array> {
  if (body instanceof Error) throw body;
  const payload = ENVELOPED.test(contentType) ? payloadOf(body) : body;
  if (JSON_FORMAT.test(contentType)) messageFromJson(message, parseJson(payload));
  else messageFromBytes(message, payload);
  yield body;
}

/** The only message in a body of envelopes. An envelope has a byte of flags, four of length, and the message. */
function payloadOf(bytes: Uint8Array): Uint8Array {
  const payload = bytes.subarray(ENVELOPE_PREFIX_BYTES);
  const whole =
    bytes.length >= ENVELOPE_PREFIX_BYTES &&
    bytes[0] === 0 &&
    new DataView(bytes.buffer, bytes.byteOffset).getUint32(1) === payload.length;
  if (!whole) throw invalidBody('the body must be one message in an envelope, uncompressed');
  return payload;
}
