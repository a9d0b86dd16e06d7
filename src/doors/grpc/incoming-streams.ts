import { constants, type Http2Server, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { invalidArgument } from '../../handlers/answer/errors.js';
import type { IncomingCall } from '../../handlers/call.js';
import { createTimeLimits } from '../../waiting.js';
import { cancel, createResetLimit, limitRequest } from '../http2-streams.js';
import { bytesOf, type DoorLimits, SMALL_REQUEST } from '../limits.js';
import { blameCaller } from './callers-faults.js';

/*
 * What has to be done to a stream before grpc-js sees it: grpc-js reads timeouts itself, before any interceptor, has no
 * limit for a request that never ends, sees one header of two, and leaves out values that are not ASCII.
 */

const TIMEOUT_HEADER = 'grpc-timeout';

/** The headers that take the place of a malformed timeout, and of another header whose value is malformed. */
const MALFORMED = 'x-malformed-grpc-timeout';
const NOT_ASCII = 'x-malformed-metadata';

/** https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests, "ASCII-Value" */
const PRINTABLE = /^[ -~]*$/;

/** Milliseconds of each unit. https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests */
const UNITS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 };

/** A timer of Node fires at once when it should wait longer, and so would grpc-js answer: 24 days, in seconds. */
const LONGEST_SECONDS = 2_147_483;

/** The bytes before a message: a flag, and its length. https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md */
const PREFIX = 5;
const lengthIn = (prefix: Buffer) => prefix.readUInt32BE(1);

/** Whether the method at a path takes requests as long as the caller likes. */
const isDialogue = (path: string) => path.startsWith('/grpc.reflection.');

/** The sizes of the largest requests, in bytes. */
export interface RequestSizes {
  readonly usual: number;
  /** Those of methods that take larger ones, by path. */
  readonly larger: ReadonlyMap<string, number>;
}

/**
 * Has a server take streams within limits, and read timeouts as gRPC defines them: one of more than 24 days counts as 24
 * days, and a malformed one is for `checkTimeout` to refuse. A stream beyond the limits is reset. Whoever listened to
 * the server's streams before gets those that are open.
 * @param sizes of the largest requests
 * @param isStream whether the method at a path answers with a stream
 */
export function limitStreams(
  http2Server: Http2Server,
  { callerOf, maxConnections, requestTimeout, answerTimeout, requestBytes }: DoorLimits,
  { usual, larger }: RequestSizes,
  isStream: (path: string) => boolean,
): void {
  const requests = createTimeLimits(requestTimeout, cancel);
  const answers = createTimeLimits(answerTimeout, cancel);
  const limitResets = createResetLimit();

  /** Counts what the stream takes, until it is closed. */
  function count(stream: ServerHttp2Stream, caller: string, bytes: number): void {
    const taken = bytesOf(caller, bytes);
    if (requestBytes.enter(taken)) stream.once('close', () => requestBytes.leave(taken));
    else stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  }

  function limitBytes(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    const caller = callerOf(stream.session?.socket.remoteAddress, (name) => headers[name]?.toString());
    const largest = larger.get(headers[':path'] ?? '');
    let prefix = Buffer.alloc(0);
    let received = 0;
    count(stream, caller, SMALL_REQUEST);
    stream.on('data', function look(data: Buffer) {
      received += data.length;
      // Who may send a large message and does not is counted like everybody.
      if (largest) prefix = Buffer.concat([prefix, data.subarray(0, PREFIX - prefix.length)]);
      if (received <= SMALL_REQUEST) return;
      stream.off('data', look);
      count(stream, caller, largest ? Math.max(usual, Math.min(lengthIn(prefix), largest)) : usual);
    });
  }

  function limitAnswer(stream: ServerHttp2Stream): void {
    const { respond } = stream;
    stream.respond = (...args) => {
      const limit = answers.begin(stream);
      stream.once('close', () => answers.end(limit));
      respond.apply(stream, args);
    };
  }

  /** Of an answer without an end, each message is limited: grpc-js waits for ever for a caller who reads no more. */
  function limitMessages(stream: ServerHttp2Stream): void {
    const { write } = stream;
    stream.write = (message: Buffer, done?: unknown) => {
      const limit = answers.begin(stream);
      return write.call(stream, message, 'utf8', (error) => {
        answers.end(limit);
        if (typeof done === 'function') done(error);
      });
    };
  }

  http2Server.maxConnections = maxConnections;
  type Listener = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flags: number, raw: string[]) => void;
  const listeners = http2Server.listeners('stream') as Listener[];
  const listener: Listener = (stream, headers, flags, rawHeaders) => {
    const path = headers[':path'] ?? '';
    readTimeout(headers);
    if (headers.authorization !== undefined) joinAuthorization(headers, rawHeaders);
    takeMalformedOut(headers);
    blameCaller(stream, headers);
    limitBytes(stream, headers);
    if (!isDialogue(path)) limitRequest(requests, stream);
    if (isStream(path)) limitMessages(stream);
    else limitAnswer(stream);
    // What grpc-js answers at once, such as an unknown path, it would answer on a stream that was reset: that throws.
    if (stream.closed || stream.destroyed) return void stream.on('error', () => {});
    limitResets(stream);
    for (const listen of listeners) listen.call(http2Server, stream, headers, flags, rawHeaders);
  };
  http2Server.removeAllListeners('stream');
  // Node's types leave the last argument out.
  http2Server.on('stream', listener as never);
}

/** Node keeps the first of headers that must come once: whoever sends two tokens is not to be let in by one of them. */
function joinAuthorization(headers: IncomingHttpHeaders, rawHeaders: readonly string[]): void {
  const isValue = (_: string, index: number) => index % 2 === 1 && rawHeaders[index - 1] === 'authorization';
  headers.authorization = rawHeaders.filter(isValue).join(', ');
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

/** grpc-js would log the whole of such a value, be it a token with one wrong character, and go on without it. */
function takeMalformedOut(headers: IncomingHttpHeaders): void {
  delete headers[NOT_ASCII];
  for (const name in headers) {
    if (PRINTABLE.test(String(headers[name]))) continue;
    delete headers[name];
    // A call without a valid token is not authenticated, whatever else is wrong with it.
    if (name !== 'authorization') headers[NOT_ASCII] = name;
  }
}

/** Throws INVALID_ARGUMENT when the timeout of the call was malformed. */
export function checkTimeout({ header }: Pick<IncomingCall, 'header'>): void {
  if (header(MALFORMED) === undefined) return;
  const description = 'must be 1 to 8 digits and a unit, one of H, M, S, m, u and n';
  throw invalidArgument({ field: TIMEOUT_HEADER, description });
}

/** Throws INVALID_ARGUMENT when other metadata of the call was malformed. For callers who are known. */
export function checkMetadata({ header }: Pick<IncomingCall, 'header'>): void {
  const field = header(NOT_ASCII);
  if (field !== undefined) throw invalidArgument({ field, description: 'must be printable ASCII characters' });
}
