import type { FastifyInstance } from 'fastify';

/**
 * Answers `Expect: 100-continue` at once, but for a request that waits behind another one on its connection: Node writes
 * that 100 between the head and the body of the answer. RFC 9110, section 10.1.1, lets a server leave it out, and clients
 * do not wait for it for long. The connection then closes after the answer.
 */
export function continueInOrder({ server }: FastifyInstance): void {
  server.on('checkContinue', (request, response) => {
    if (response.socket) response.writeContinue();
    server.emit('request', request, response);
  });
}
