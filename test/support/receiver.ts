import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A change as a receiver of a webhook got it. */
export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The CloudEvent. */
  readonly event: {
    readonly id: string;
    readonly type: string;
    readonly source: string;
    readonly subject: string;
    readonly partitionkey: string;
    readonly sequence: string;
    readonly data: Readonly<Record<string, unknown>> & { readonly revision: string };
  };
}

/** Answers a request of a receiver. */
export type Answering = (received: Received, response: ServerResponse, request: IncomingMessage) => void;

/** A receiver of webhooks, on this machine. */
export interface Receiver {
  readonly url: string;
  /** What came, in order, whatever was answered. */
  readonly received: Received[];
  /** How many connections were opened. */
  readonly connections: () => number;
  /** Answers otherwise from now on. At first it answers 204. */
  answerWith(answering: Answering): void;
  /** Closes all connections that are open. */
  dropConnections(): void;
  close(): Promise<void>;
}

/** Answers a status with nothing else. */
export const status =
  (code: number, headers: Readonly<Record<string, string>> = {}): Answering =>
  (_received, response) =>
    void response.writeHead(code, headers).end();

/** Starts a receiver for one test. */
export async function startReceiver(port = 0): Promise<Receiver> {
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  let opened = 0;
  let answering = status(204);
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const one: Received = { headers: request.headers, body, event: JSON.parse(body) };
      received.push(one);
      answering(one, response, request);
    });
  });
  server.on('connection', (socket) => {
    opened += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const dropConnections = () => {
    for (const socket of sockets) socket.destroy();
  };
  const close = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    dropConnections();
    await closed;
  };
  onTestFinished(close);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    received,
    connections: () => opened,
    answerWith: (other) => {
      answering = other;
    },
    dropConnections,
    close,
  };
}
