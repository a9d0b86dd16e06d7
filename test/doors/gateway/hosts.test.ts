import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { ownGateway, sharedGateway, type TestGateway } from './support.js';

const ADVICE = 'is not served here; ALLOWED_HOSTS lists the names of this service';
const SESSIONS = '/api/v1/sessions';
const gateway = sharedGateway();

/** Asks with a header `Host` as it is given, or without any. Answers the status, and the body when it is a problem. */
async function ask(
  host: string | undefined,
  { of = gateway, path = SESSIONS }: { of?: TestGateway; path?: string } = {},
) {
  const { hostname, port } = new URL(of.url);
  const socket = connect(Number(port), hostname);
  const line = host === undefined ? '' : `Host: ${host}\r\n`;
  socket.write(`GET ${path} HTTP/1.0\r\n${line}\r\n`);
  const answer = await text(socket);
  return { status: Number(answer.split(' ')[1]), body: answer.split('\r\n\r\n')[1] ?? '' };
}

describe('a loopback name or an address is served', () => {
  test.each([
    'localhost',
    'localhost:3000',
    'LOCALHOST:3000',
    'localhost.',
    'api.localhost:3000',
    '127.0.0.1:3000',
    '127.8.8.8',
    '10.1.2.3:80',
    '203.0.113.7',
    '[::1]:3000',
    '[2001:db8::7]',
    '[::ffff:127.0.0.1]:3000',
  ])('%s', async (host) => {
    expect((await ask(host)).status).toBe(200);
  });
});

describe('a name that a DNS server decides about is refused, and so is an address that any page may reach', () => {
  test.each([
    'evil.example.com',
    'evil.example.com:3000',
    'localhost.evil.example.com',
    'notlocalhost',
    '127.0.0.1.evil.example.com',
    '127.0.0.1@evil.example.com',
    '127.1',
    '2130706433',
    '0x7f.1',
    '0.0.0.0:3000',
    '0.0.0.0',
    '0',
    '[::]:3000',
    '[0:0:0:0:0:0:0:0]',
    '[::ffff:0.0.0.0]',
    '[::ffff:0:0]',
    '::1',
    '[::1',
    '[',
    '*',
    'localhost:3000:80',
    'localhost/evil',
  ])('%s', async (host) => {
    const { status, body } = await ask(host);
    expect(status).toBe(421);
    expect(JSON.parse(body)).toMatchObject({
      type: 'about:blank',
      title: 'Misdirected Request',
      status: 421,
      code: 'PERMISSION_DENIED',
      detail: `${host} ${ADVICE}`,
    });
    expect(gateway.asked).toEqual([]);
  });
});

test.each(['/nothing', '/docs', '/openapi.json', '/aceup.scheduler.v1.SessionService/GetSession?message=%7B%7D'])(
  'it is refused on every path: %s',
  async (path) => {
    expect((await ask('evil.example.com', { path })).status).toBe(421);
  },
);

test('the refusal is in the log, and tells the name in printable ASCII', async () => {
  await ask('\u00e9vil.example.com');
  await expect.poll(() => gateway.logged).toMatchObject([{ msg: 'refused', status: 421, path: SESSIONS }]);
});

test('a host that was served does not let another one in', async () => {
  expect((await ask('localhost')).status).toBe(200);
  expect((await ask('evil.example.com')).status).toBe(421);
  expect((await ask('localhost')).status).toBe(200);
});

test.each(['/healthz', '/readyz'])('probes ask %s under any name, or under none', async (path) => {
  for (const host of ['evil.example.com', '', undefined]) expect((await ask(host, { path })).status).toBe(200);
});

test('a request that names no host is malformed', async () => {
  for (const host of ['', undefined]) {
    const { status, body } = await ask(host);
    expect(status).toBe(400);
    expect(JSON.parse(body)).toMatchObject({ detail: 'the request must name its host', code: 'INVALID_ARGUMENT' });
  }
});

describe('ALLOWED_HOSTS', () => {
  test('are served too, in any case and at any port', async () => {
    const of = await ownGateway({ allowedHosts: ['Scheduler.example.com', 'scheduler'] });
    const hosts = [
      'scheduler.example.com',
      'SCHEDULER.EXAMPLE.COM:8443',
      'scheduler:3000',
      'localhost',
      'x.example.com',
    ];
    const statuses = [];
    for (const host of hosts) statuses.push((await ask(host, { of })).status);
    expect(statuses).toEqual([200, 200, 200, 200, 421]);
  });

  test('* lets any name in', async () => {
    const of = await ownGateway({ allowedHosts: ['*'] });
    expect((await ask('anything.example.com', { of })).status).toBe(200);
  });
});
