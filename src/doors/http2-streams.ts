import { constants, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { TimeLimits } from '../waiting.js';

// What both doors do to streams and sessions of HTTP/2.

/** The highest id of a stream: a GOAWAY with it refuses no request that is already on its way. */
const LAST_STREAM = 2 ** 31 - 1;

/** Asks the caller to open another connection for the next requests. Those under way are served. */
export function sendElsewhere(session: ServerHttp2Session): void {
  session.goaway(constants.NGHTTP2_NO_ERROR, LAST_STREAM);
}

/** Ends a stream, and nothing else of its connection. */
export function cancel(stream: ServerHttp2Stream): void {
  stream.close(constants.NGHTTP2_CANCEL);
}

/** Limits how long the request of a stream may take to be sent. */
export function limitRequest(limits: TimeLimits<ServerHttp2Stream>, stream: ServerHttp2Stream): void {
  const limit = limits.begin(stream);
  stream.once('end', () => limits.end(limit)).once('close', () => limits.end(limit));
}
