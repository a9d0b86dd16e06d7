import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** Answers a request for a calendar. */
export type Serving = (request: IncomingMessage, response: ServerResponse) => void;

/** A server of calendars, on this machine. */
export interface CalendarServer {
  /** Where it is, without a path: `http://127.0.0.1:40001`. */
  readonly origin: string;
  /** The URL of a calendar, with a secret in it. */
  readonly url: string;
  /** What was asked for, in order. */
  readonly asked: { readonly path: string; readonly headers: IncomingHttpHeaders }[];
  /** How many connections are open now. */
  readonly open: () => number;
  /** Answers otherwise from now on. At first it answers 404. */
  serve(serving: Serving): void;
  close(): Promise<void>;
}

/** What no answer, no log and no error may have. */
export const SECRET = 'private-5ba1e7f00d';

/** Answers a status, headers and a text. */
export const answer =
  (status: number, headers: Readonly<Record<string, string>> = {}, text = ''): Serving =>
  (_request, response) =>
    void response.writeHead(status, headers).end(text);

/** Answers a calendar, and 304 to whoever has it. */
export const calendarWith =
  (text: string, etag = `"${createHash('sha256').update(text).digest('hex')}"`): Serving =>
  (request, response) => {
    const headers = { etag, 'content-type': 'text/calendar; charset=utf-8' };
    if (request.headers['if-none-match'] === etag) response.writeHead(304, headers).end();
    else response.writeHead(200, headers).end(text);
  };

/** Starts a server for one test. */
export async function startCalendarServer(): Promise<CalendarServer> {
  const asked: { path: string; headers: IncomingHttpHeaders }[] = [];
  const sockets = new Set<Socket>();
  let serving = answer(404);
  const server = createServer((request, response) => {
    asked.push({ path: request.url ?? '', headers: request.headers });
    serving(request, response);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  onTestFinished(close);
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    url: `${origin}/${SECRET}/basic.ics?token=${SECRET}`,
    asked,
    open: () => sockets.size,
    serve: (other) => {
      serving = other;
    },
    close,
  };
}
