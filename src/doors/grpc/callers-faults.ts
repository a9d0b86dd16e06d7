import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { status } from '@grpc/grpc-js';

/** What grpc-js answers INTERNAL, though the caller is at fault: its texts, as they are in a header. */
const CALLERS_FAULTS: ReadonlySet<unknown> = new Set(
  [
    'Failed to decompress message',
    'Error deserializing request',
    'Received message compressed with unsupported encoding "none"',
  ].map(encodeURI),
);

const ENCODING_HEADER = 'grpc-encoding';
const COMPRESSED = 1;

/**
 * Has a stream end with INVALID_ARGUMENT where grpc-js would say INTERNAL for bytes that cannot be decompressed, or for
 * a message that the health or the reflection service cannot read. Our own methods read their messages themselves.
 */
export function blameCaller(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  const isReadByGrpcJs = headers[ENCODING_HEADER] !== undefined || headers[':path']?.startsWith('/grpc.');
  // grpc-js takes a message that is flagged as compressed, though no encoding is named, as it is.
  if ((headers[ENCODING_HEADER] ?? 'identity') === 'identity') headers[ENCODING_HEADER] = 'none';
  if (isReadByGrpcJs) answerInItsPlace(stream);
  else blameForFlag(stream);
}

/** Looks at the flags of the first message, which is the only one of most methods. */
function blameForFlag(stream: ServerHttp2Stream): void {
  stream.once('data', (chunk: Buffer) => {
    if (chunk[0] === 0) return;
    // All other flags are reserved, which grpc-js does not check.
    chunk[0] = COMPRESSED;
    answerInItsPlace(stream);
  });
}

function answerInItsPlace(stream: ServerHttp2Stream): void {
  const { respond, sendTrailers } = stream;
  stream.respond = (answer, options) => respond.call(stream, blamed(answer), options);
  stream.sendTrailers = (trailers) => sendTrailers.call(stream, blamed(trailers));
}

function blamed<Headers>(headers: Headers): Headers {
  const isCallersFault = CALLERS_FAULTS.has((headers as OutgoingHttpHeaders | undefined)?.['grpc-message']);
  return isCallersFault ? { ...headers, 'grpc-status': status.INVALID_ARGUMENT } : headers;
}
