import { constants, gunzip, gzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { httpError } from './problem.js';

/**
 * In bytes, or characters of a text. To compress takes 0.1 ms of processor time, whatever the size, which is as much as
 * the rest of a call; a smaller answer is a packet or three in either form.
 */
const WORTH_COMPRESSING = 4_096;

/** A list becomes an eighth of its size. Higher levels take longer, for a twentieth less. */
const LEVEL = constants.Z_BEST_SPEED;

/**
 * Compresses large answers with gzip, in threads of Node, for callers who accept it. What a GET answers with an etag
 * stays as it is: another form of it would need another etag, which no command would know. A weak etag is that of all
 * forms.
 */
export function compressAnswers(app: FastifyInstance): void {
  app.addHook<unknown>('onSend', ({ method, headers }, reply, payload, done) => {
    if (!isLarge(payload) || reply.hasHeader('content-encoding')) return done();
    const etag = reply.getHeader('etag');
    if ((method === 'GET' || method === 'HEAD') && etag && !`${etag}`.startsWith('W/')) return done();
    variesByEncoding(reply);
    if (!acceptsGzip(headers['accept-encoding']?.toString())) return done();
    gzip(payload, { level: LEVEL }, (error, compressed) => {
      if (error) return done(error);
      reply.header('content-encoding', 'gzip').removeHeader('content-length');
      done(null, compressed);
    });
  });
}

/** Says that an answer has several forms. */
export function variesByEncoding(reply: FastifyReply): void {
  const vary = `${reply.getHeader('vary') ?? ''}`;
  if (!vary.includes('accept-encoding')) reply.header('vary', vary ? `${vary}, accept-encoding` : 'accept-encoding');
}

function isLarge(payload: unknown): payload is string | Buffer {
  return (typeof payload === 'string' || Buffer.isBuffer(payload)) && payload.length >= WORTH_COMPRESSING;
}

/** Whether the header `Accept-Encoding` lists gzip, or everything, with a weight above 0. */
function acceptsGzip(header = ''): boolean {
  const weights = new Map<string, number>();
  for (const one of header.toLowerCase().split(',')) {
    const [coding = '', ...parameters] = one.split(';').map((part) => part.trim());
    const weight = parameters.find((part) => part.startsWith('q='));
    weights.set(coding, weight ? Number(weight.slice(2)) : 1);
  }
  return (weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0) > 0;
}

/**
 * Gives the bytes of a body without their content coding. Refuses more bytes than the body may have, once there are so
 * many: with 413; bytes that are not gzip, with 400; another coding, with 415.
 */
export function decodedBody(
  { headers, routeOptions }: FastifyRequest,
  body: Buffer,
  done: (error: Error | null, body?: Buffer) => void,
): void {
  const coding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  const maxOutputLength = routeOptions.bodyLimit as number;
  if (coding === 'identity') done(null, body);
  else if (coding === 'gzip' || coding === 'x-gzip') {
    gunzip(body, { maxOutputLength }, (error, decoded) => {
      if (error) done(brokenBody(error, maxOutputLength));
      else done(null, decoded);
    });
  } else done(httpError(415, 'the content coding of the body must be gzip, or there must be none'));
}

function brokenBody({ code }: NodeJS.ErrnoException, limit: number): Error {
  if (code === 'ERR_BUFFER_TOO_LARGE') return httpError(413, `the body is larger than ${limit} bytes`);
  return httpError(400, 'the body is not gzip');
}
