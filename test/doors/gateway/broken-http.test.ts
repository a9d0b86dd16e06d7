import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { sharedGateway } from './support.js';

const gateway = sharedGateway();

/** What comes back for these bytes until the gateway closes the connection. */
function answerTo(request: string): Promise<string> {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  socket.write(request);
  return text(socket);
}

test.each([
  ['what is no HTTP', 'hello\r\n\r\n', 400, 'Bad Request'],
  [
    'a header without end',
    `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'x'.repeat(20_000)}`,
    431,
    'Request Header Fields Too Large',
  ],
  [
    'a path without end',
    `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nhost: localhost\r\n\r\n`,
    431,
    'Request Header Fields Too Large',
  ],
])('%s is answered with a problem', async (_, request, status, title) => {
  const [head = '', body = ''] = (await answerTo(request)).split('\r\n\r\n');
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} ${title}\r\n`));
  expect(head).toContain('content-type: application/problem+json');
  expect(JSON.parse(body)).toMatchObject({ type: 'about:blank', title, status, code: 'INVALID_ARGUMENT' });
});

test('a caller that hangs up in the middle of its request does no harm', async () => {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  socket.write(
    'POST /api/v1/sessions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{',
  );
  socket.resetAndDestroy();
  expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
  expect(gateway.asked).toEqual([]);
});

test.each([
  ['REST', '/api/v1/sessions', '413'],
  ['Connect', '/aceup.scheduler.v1.SessionService/GetSession', '429'],
])(
  'a body that is too large is read to its end, so that whoever sends all of it first sees why: %s',
  async (...args) => {
    const [, path, status] = args;
    const length = 4_000_000;
    const head = `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;
    const get = 'GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n';
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    // Nothing is read before everything is sent: a connection that is cut meanwhile fails here.
    socket.pause();
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.write(head + 'x'.repeat(length) + get, () => resolve());
    });
    expect(statusesIn(await text(socket))).toEqual([status, '200']);
  },
);

test('whoever sends all of a request first that has too long a path sees why', async () => {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  socket.pause();
  const path = 'x'.repeat(100_000);
  const length = 3_000_000;
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.write(`POST /${path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${length}\r\n\r\n`);
    socket.write('x'.repeat(length), () => resolve());
  });
  expect(statusesIn(await text(socket))).toEqual(['431']);
});

test('a connection whose request cannot be read is cut when its caller goes on and on', async () => {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
  socket.on('error', () => {});
  socket.resume();
  const isClosed = new Promise((resolve) => socket.once('close', resolve));
  const chunk = Buffer.alloc(1_000_000, 'x');
  const send = () => {
    while (socket.write(chunk));
  };
  socket.on('drain', send);
  send();
  await isClosed;
  expect(socket.bytesWritten).toBeGreaterThan(16_000_000);
});

function statusesIn(answers: string): string[] {
  return [...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status = '']) => status);
}

describe('a request that expects 100 Continue', () => {
  const unknown = '/aceup.scheduler.v1.SessionService/GetSession';
  const body = '{"id":"no id"}';
  const post = (...headers: string[]) =>
    [`POST ${unknown} HTTP/1.1`, 'host: localhost', 'content-type: application/json', ...headers]
      .concat(`content-length: ${body.length}`, '', body)
      .join('\r\n');

  test('gets it before its answer', async () => {
    expect(statusesIn(await answerTo(post('expect: 100-continue', 'connection: close')))).toEqual(['100', '200']);
  });

  test('gets none in the middle of its answer when it waits behind another request; the connection closes', async () => {
    const bytes = post() + post('expect: 100-continue') + post('connection: close');
    expect(statusesIn(await answerTo(bytes))).toEqual(['200', '200']);
  });
});
