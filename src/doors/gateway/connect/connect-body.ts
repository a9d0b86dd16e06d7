import type { DescMessage, Message } from '@bufbuild/protobuf';
import { messageFromBytes } from '../../incoming-call.js';
import { type RequestSize, tooLarge } from '../../request-size.js';
import { invalidBody, messageFromJson, parseJson } from '../json/read-message.js';

const ENVELOPED = /^application\/(?:grpc-web|connect)/i;
const JSON_FORMAT = /^application\/(?:[a-z-]+\+)?json/i;
const ENVELOPE_PREFIX_BYTES = 5;

/**
 * The message in a body, by the rules of this gateway: connect alone ignores unknown fields in JSON, reports one mistake
 * only, and calls malformed bytes an internal error. Throws INVALID_ARGUMENT with everything that is wrong, and
 * RESOURCE_EXHAUSTED for a request that is too large without its documents.
 * @param contentType one that connect supports
 */
export function messageIn(message: DescMessage, contentType: string, body: Uint8Array, size: RequestSize): Message {
  const payload = ENVELOPED.test(contentType) ? payloadOf(body) : body;
  const isJson = JSON_FORMAT.test(contentType);
  if (!(isJson ? size.fitsJson(payload) : size.fitsBinary(payload))) throw tooLarge(size);
  return isJson ? messageFromJson(message, parseJson(payload)) : messageFromBytes(message, payload);
}

/**
 * What connect reads in place of a body: an empty message. Connect decodes before it calls anybody, and the caller must
 * be known by then. An error is thrown when connect reads, so that connect answers it in the protocol of the request.
 * @param contentType as of `messageIn`
 */
export async function* standInFor(contentType: string, body: Uint8Array | Error): AsyncGenerator<Uint8Array> {
  if (body instanceof Error) throw body;
  const payload = Buffer.from(JSON_FORMAT.test(contentType) ? '{}' : '');
  if (!ENVELOPED.test(contentType)) return yield payload;
  const prefix = Buffer.alloc(ENVELOPE_PREFIX_BYTES);
  prefix.writeUInt32BE(payload.length, 1);
  yield Buffer.concat([prefix, payload]);
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
