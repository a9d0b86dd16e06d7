import { constants, type Http2Server, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { Server } from '@grpc/grpc-js';
import { invalidArgument } from '../../handlers/answer/errors.js';
import type { Call } from '../../handlers/call.js';
import { createTimeLimits } from '../../waiting.js';

/*
 * What has to be done to a stream before grpc-js sees it: grpc-js reads timeouts itself, before any interceptor, and has
 * no limit for a request that never ends.
 */

const TIMEOUT_HEADER = 'grpc-timeout';

/** The header that takes the place of a malformed timeout. */
const MALFORMED = 'x-malformed-grpc-timeout';

/** Milliseconds of each unit. https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests */
const UNITS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 };

/** A timer of Node fires at once when it should wait longer, and so would grpc-js answer: 24 days, in seconds. */
const LONGEST_SECONDS = 2_147_483;

/** How a server takes streams. */
export interface StreamLimits {
  /** The most connections at once; further ones are closed. */
  readonly maxConnections: number;
  /** Milliseconds that a caller may take to send a request; then its stream is reset. Reflection is a dialogue. */
  readonly requestTimeout: number;
}

/**
 * Has a server that listens take streams within limits, and read timeouts as gRPC defines them: one of more than 24 days
 * counts as 24 days, and a malformed one is for `checkTimeout` to refuse.
 */
export function limitStreams(server: Server, { maxConnections, requestTimeout }: StreamLimits): void {
  const unfinished = createTimeLimits<ServerHttp2Stream>(requestTimeout, (stream) =>
    stream.close(constants.NGHTTP2_CANCEL),
  );
  const { http2Servers } = server as unknown as { readonly http2Servers: ReadonlyMap<Http2Server, unknown> };
  for (const http2Server of http2Servers.keys()) {
    http2Server.maxConnections = maxConnections;
    http2Server.prependListener('stream', (stream, headers) => {
      readTimeout(headers);
      if (headers[':path']?.startsWith('/grpc.reflection.')) return;
      const limit = unfinished.begin(stream);
      stream.once('end', () => unfinished.end(limit)).once('close', () => unfinished.end(limit));
    });
  }
}

function readTimeout(headers: IncomingHttpHeaders): void {
  const given = headers[TIMEOUT_HEADER];
  delete headers[MALFORMED];
  if (given === undefined) return;
  const [, digits, unit = ''] = /^(\d{1,8})([HMSmun])$/.exec(String(given)) ?? [];
  if (digits === undefined) {
    delete headers[TIMEOUT_HEADER];
    headers[MALFORMED] = '1';
  } else if ((Number(digits) * UNITS[unit]!) / 1_000 > LONGEST_SECONDS) {
    headers[TIMEOUT_HEADER] = `${LONGEST_SECONDS}S`;
  }
}

/** Throws INVALID_ARGUMENT when the timeout of the call was malformed. */
export function checkTimeout({ header }: Pick<Call, 'header'>): void {
  if (header(MALFORMED) === undefined) return;
  const description = 'must be 1 to 8 digits and a unit, one of H, M, S, m, u and n';
  throw invalidArgument({ field: TIMEOUT_HEADER, description });
}
