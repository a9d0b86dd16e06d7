import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Call, Endpoint } from '../../../handlers/call.js';
import { hungUp } from '../../hung-up.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether an endpoint was asked: then the request is in the log already. */
    reachedEndpoint: boolean;
  }
}

/**
 * The call that a request makes.
 * @param deadline epoch milliseconds, when the caller has one
 */
export function callOf(
  method: Endpoint['method'],
  door: Call['door'],
  request: FastifyRequest,
  reply: FastifyReply,
  deadline?: number,
): Call {
  request.reachedEndpoint = true;
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort(hungUp());
  });
  return {
    method,
    door,
    correlationId: request.id,
    ...(deadline !== undefined && { deadline }),
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    header: (name) => request.headers[name]?.toString(),
  };
}
