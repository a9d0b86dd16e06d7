import type { Http2SecureServer, SecureServerOptions } from 'node:http2';
import { createSecureServer } from 'node:http2';
import type { FastifyServerOptions } from 'fastify';
import type { DoorLimits } from '../../limits.js';
import type { LiveCertificates } from '../../tls/live-certificates.js';
import { MAX_PIPELINED } from './connections.js';

/** What Node's server for both versions has of its HTTP/1.1 server, beyond its types. */
interface Http1Settings {
  keepAliveTimeout: number;
  requestTimeout: number;
  headersTimeout: number;
  requireHostHeader: boolean;
}

/**
 * The options of Fastify for a gateway that speaks TLS: HTTP/2 with callers who ask for it by ALPN, else HTTP/1.1, with
 * the limits that HTTP/1.1 has without TLS.
 */
export function overTls(certificates: LiveCertificates, limits: DoorLimits): FastifyServerOptions {
  const options: SecureServerOptions = {
    ...certificates.context(),
    allowHTTP1: true,
    requestCert: certificates.mutual,
    rejectUnauthorized: true,
    handshakeTimeout: limits.requestTimeout,
    // As many as may wait on a connection of HTTP/1.1.
    settings: { maxConcurrentStreams: MAX_PIPELINED },
  };

  function serverFactory(handler: Parameters<typeof createSecureServer>[1]): Http2SecureServer {
    const server = createSecureServer(options, handler);
    Object.assign(server as unknown as Http1Settings, {
      keepAliveTimeout: limits.idleTimeout,
      requestTimeout: limits.requestTimeout,
      headersTimeout: limits.requestTimeout,
      requireHostHeader: true,
    });
    // What breaks a connection once its session has gone is nobody's error.
    server.on('secureConnection', (socket) => socket.on('error', () => {}));
    certificates.onChange((context) => server.setSecureContext(context));
    return server;
  }
  // Fastify's types have one kind of server for each instance. Its own servers for `localhost` would keep their first
  // certificate: with a factory there is one server. `https` makes it print `https://`.
  return { http2: true, https: { allowHTTP1: true }, serverFactory } as unknown as FastifyServerOptions;
}
