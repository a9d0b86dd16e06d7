import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
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
