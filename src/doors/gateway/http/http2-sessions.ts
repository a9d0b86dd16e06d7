import type { Http2SecureServer, Http2ServerResponse, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { createTimeLimits } from '../../../waiting.js';
import { cancel, createResetLimit, limitRequest, sendElsewhere } from '../../http2-streams.js';
import type { DoorLimits } from '../../limits.js';
import { httpError } from './problem.js';

/*
 * What HTTP/2 needs where Node does it for HTTP/1.1: a time limit for requests, and the end of sessions over which nobody
 * asks anything.
 */

/** A session that is open. Times are by `performance.now()`. */
interface OpenSession {
  readonly session: ServerHttp2Session;
  streams: number;
  idleSince: number;
  /** When the ping was sent that has no answer yet. */
  pingedAt: number | undefined;
}

/** The sessions of a gateway that speaks HTTP/2. */
export interface Http2Sessions {
  /** Ends idle sessions now, and each other one with its last answer. */
  close(): void;
}

/**
 * Limits how long a request may take to be sent: a later one is cancelled, and its session goes on. Ends sessions that are
 * idle for too long, and those that answer no ping. From the draining on, asks callers to open another connection for
 * their next requests, and answers those that still come.
 */
export function limitSessions(server: Http2SecureServer, limits: DoorLimits, draining: AbortSignal): Http2Sessions {
  const sessions = new Set<OpenSession>();
  let isClosing = false;
  limitRequests(server, limits);

  server.on('session', (session) => {
    const open: OpenSession = { session, streams: 0, idleSince: performance.now(), pingedAt: undefined };
    sessions.add(open);
    session.once('close', () => sessions.delete(open));
    session.on('stream', (stream) => {
      open.streams += 1;
      stream.once('close', () => {
        open.streams -= 1;
        open.idleSince = performance.now();
      });
    });
    if (isClosing) session.close();
    // Not at once: a caller who is told before the first request could not send any.
    else session.once('stream', () => draining.aborted && sendCallersElsewhere(session));
  });
  draining.addEventListener('abort', () => {
    for (const { session } of sessions) sendCallersElsewhere(session);
  });
  server.once('listening', () => {
    const look = setInterval(() => {
      for (const open of sessions) endOrPing(open, limits);
    }, limits.pingInterval).unref();
    server.once('close', () => clearInterval(look));
  });

  return {
    close(): void {
      isClosing = true;
      for (const { session } of sessions) session.close();
    },
  };
}

function limitRequests(server: Http2SecureServer, { requestTimeout }: DoorLimits): void {
  const requests = createTimeLimits<ServerHttp2Stream>(requestTimeout, cancel);
  const limitResets = createResetLimit();
  server.prependListener('stream', (stream: ServerHttp2Stream) => {
    limitResets(stream);
    if (!stream.endAfterHeaders) limitRequest(requests, stream);
  });
}

function endOrPing(open: OpenSession, { pingTimeout, idleTimeout }: DoorLimits): void {
  const { session } = open;
  const now = performance.now();
  if (session.destroyed) return;
  if (open.pingedAt !== undefined) {
    if (now - open.pingedAt >= pingTimeout) session.destroy();
  } else if (open.streams === 0 && now - open.idleSince >= idleTimeout) {
    session.close();
  } else {
    open.pingedAt = now;
    session.ping(() => {
      open.pingedAt = undefined;
    });
  }
}

function sendCallersElsewhere(session: ServerHttp2Session): void {
  if (!session.destroyed && !session.closed) sendElsewhere(session);
}

/** Ends what carries an answer: the stream of HTTP/2, of which a connection has many, or the connection of HTTP/1.1. */
export function cutOff({ raw }: FastifyReply): void {
  if (isHttp2(raw)) cancel(raw.stream as ServerHttp2Stream);
  else raw.socket?.destroy();
}

/**
 * Refuses a body without a type. Fastify does so over HTTP/1.1, and over HTTP/2 takes one without a length for no body: a
 * command would be carried out as though nothing had been said with it.
 */
export function refuseUntypedBodies(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const { 'content-type': type, 'content-length': length } = request.headers;
    const isUntyped = type === undefined && length === undefined && hasOpenBody(request);
    done(isUntyped ? httpError(415, 'the body must be application/json') : undefined);
  });
}

/** Whether a request of HTTP/2 has a body, whose length only its end may show. */
export function hasOpenBody({ raw }: FastifyRequest): boolean {
  return raw.httpVersionMajor === 2 && !(raw as unknown as { stream: ServerHttp2Stream }).stream.endAfterHeaders;
}

function isHttp2(raw: unknown): raw is Http2ServerResponse {
  return 'stream' in (raw as object);
}

/** The server of a gateway that speaks TLS; undefined for one that does not. */
export function secureServerOf({ server }: FastifyInstance): Http2SecureServer | undefined {
  return 'setSecureContext' in server ? (server as unknown as Http2SecureServer) : undefined;
}
