import { ConnectError } from '@connectrpc/connect';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { type HttpError, httpError, isCallersFault, sendProblem } from './problem.js';

/** Answers every error with a problem, and logs the refusals that no endpoint knows of. */
export function answerWithProblems(app: FastifyInstance, log: Logger): void {
  app.decorateRequest('reachedEndpoint', false);

  app.setNotFoundHandler(() => {
    throw httpError(404, 'there is nothing at this path');
  });

  app.setErrorHandler((error, request, reply) => {
    if (isCallersFault(error)) return sendProblem(reply, inOwnWords(error, request));
    if (!(error instanceof ConnectError)) log.error({ err: error, correlationId: request.id }, 'the gateway failed');
    return sendProblem(reply, error);
  });

  app.addHook('onResponse', (request, reply, done) => {
    // gRPC-Web refuses with status 200, but what it answers to a POST without asking an endpoint is always a refusal.
    if (!request.reachedEndpoint && (reply.statusCode >= 400 || request.method === 'POST')) logRefusal(log, reply);
    done();
  });
}

/** One line: method, path without its query, status, correlation id; never a body. */
export function logRefusal(log: Logger, { request, statusCode: status }: FastifyReply): void {
  const [path] = request.url.split('?', 1);
  log.info({ method: request.method, path, status, correlationId: request.id }, 'refused');
}

/** An error of Fastify, told in the words of this service. */
export function inOwnWords(error: HttpError, { routeOptions }: FastifyRequest): HttpError {
  if (!('code' in error)) return error;
  if (error.statusCode === 413) return httpError(413, `the body is larger than ${routeOptions.bodyLimit} bytes`);
  return error.statusCode === 415 ? httpError(415, 'the body must be application/json') : error;
}
