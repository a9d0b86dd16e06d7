import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { status } from '@grpc/grpc-js';

/** What grpc-js answers INTERNAL, though the caller is at fault: its texts, as they are in a header. */
const CALLERS_FAULTS: ReadonlySet<unknown> = new Set(
  ['Failed to decompress message', 'Error deserializing request'].map(encodeURI),
);

/**
 * Has a stream end with INVALID_ARGUMENT where grpc-js would say INTERNAL for bytes that cannot be decompressed, or for
 * a message that the health or the reflection service cannot read. Our own methods read their messages themselves.
 */
export function blameCaller(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  const isReadByGrpcJs = headers['grpc-encoding'] !== undefined || headers[':path']?.startsWith('/grpc.');
  if (!isReadByGrpcJs) return;
  const { respond, sendTrailers } = stream;
  stream.respond = (answer, options) => respond.call(stream, blamed(answer), options);
  stream.sendTrailers = (trailers) => sendTrailers.call(stream, blamed(trailers));
}

function blamed<Headers>(headers: Headers): Headers {
  const isCallersFault = CALLERS_FAULTS.has((headers as OutgoingHttpHeaders | undefined)?.['grpc-message']);
  return isCallersFault ? { ...headers, 'grpc-status': status.INVALID_ARGUMENT } : headers;
}
