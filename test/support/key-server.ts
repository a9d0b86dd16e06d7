import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Pair } from './certificates.js';

/** A server of keys whose answers a test chooses. */
export interface KeyServer {
  readonly url: string;
  /** What was asked for, in order. */
  readonly requests: readonly string[];
  /** From now on, what is asked for is answered so: a text by 200. */
  answer(how: string | RequestListener): void;
}

/** Starts a server on loopback, for one test; with a certificate it speaks TLS. */
export async function startKeyServer(first: string | RequestListener, certificate?: Pair): Promise<KeyServer> {
  let how = first;
  const requests: string[] = [];
  const listener: RequestListener = (request, response) => {
    requests.push(request.url ?? '');
    if (typeof how === 'string') response.setHeader('content-type', 'application/json').end(how);
    else how(request, response);
  };
  const server = certificate ? createSecureServer(certificate, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `${certificate ? 'https' : 'http'}://127.0.0.1:${port}/jwks`,
    requests,
    answer: (next) => {
      how = next;
    },
  };
}
