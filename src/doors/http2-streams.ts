import { constants, type Http2Session, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
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

/**
 * A reset comes soon within so many milliseconds, and before anything was answered: a caller who learns that nobody
 * wants the answer takes longer.
 */
const SOON = 5;

/** How many streams of a connection may be reset soon, within so many milliseconds. */
const MOST_RESETS = 200;
const RESETS_WITHIN = 10_000;

/**
 * Closes the connections of callers who begin one stream after the other and reset it soon. All they send is some bytes
 * for each, and it is no call under way, so that no other limit holds: https://www.cve.org/CVERecord?id=CVE-2023-44487
 * @returns what is to be called with each stream as it begins
 */
export function createResetLimit(now: () => number = () => performance.now()): (stream: ServerHttp2Stream) => void {
  const counts = new WeakMap<Http2Session, { readonly since: number; resets: number }>();

  return (stream) => {
    const { session } = stream;
    const began = now();
    stream.once('aborted', () => {
      const time = now();
      if (!session || session.destroyed || stream.headersSent || time > began + SOON) return;
      const known = counts.get(session);
      const recent = known && time < known.since + RESETS_WITHIN ? known : { since: time, resets: 0 };
      recent.resets += 1;
      counts.set(session, recent);
      if (recent.resets <= MOST_RESETS) return;
      session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM);
      session.destroy();
    });
  };
}

/** Limits how long the request of a stream may take to be sent. */
export function limitRequest(limits: TimeLimits<ServerHttp2Stream>, stream: ServerHttp2Stream): void {
  const limit = limits.begin(stream);
  stream.once('end', () => limits.end(limit)).once('close', () => limits.end(limit));
}
